local function work(n)
  local words = {}
  for i = 0, n - 1 do words[#words + 1] = "item" .. i % 5000 .. ":" .. i * 7 % 1000 end
  local text = table.concat(words, ",")
  local sevens, names, different = 0, {}, 0
  for part in text:gmatch("[^,]+") do
    if part:sub(-1) == "7" then sevens = sevens + 1 end
    local colon = part:find(":", 1, true)
    local name = part:sub(1, colon - 1)
    if not names[name] then different = different + 1 end
    names[name] = part:sub(colon + 1)
  end
  local shouted = text:gsub("item", "it"):upper()
  local shouts = 0
  for c in shouted:gmatch(".") do
    if c == "I" then shouts = shouts + 1 end
  end
  local pieces = {}
  for i = 0, n - 1 do pieces[#pieces + 1] = "x" .. i % 10 end
  local built = table.concat(pieces)
  local found, at = 0, built:find("x7x", 1, true)
  while at do
    found = found + 1
    at = built:find("x7x", at + 1, true)
  end
  local nines = 0
  for i = 1, #built do
    if built:sub(i, i) == "9" then nines = nines + 1 end
  end
  print(table.concat({ #text, sevens, different, #shouted, shouts, #built, found, nines }, " "))
end

work(tonumber(arg[1]))
