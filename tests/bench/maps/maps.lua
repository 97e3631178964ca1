local function work(n)
  local words, seed = {}, 42
  for i = 1, n do
    seed = (seed * 3877 + 29573) % 139968
    words[i] = "w" .. seed % 5003
  end
  local counts = {}
  for _ = 1, 4 do
    for _, word in ipairs(words) do counts[word] = (counts[word] or 0) + 1 end
  end
  local hits = 0
  for i = 0, n - 1 do
    if counts["w" .. i] then hits = hits + 1 end
  end
  local removed = 0
  for i = 0, 5002 do
    local key = "w" .. i
    if i % 3 == 0 and counts[key] then
      counts[key] = nil
      removed = removed + 1
    end
  end
  local total, size = 0, 0
  for _, count in pairs(counts) do
    total = total + count
    size = size + 1
  end
  local points = {}
  for i = 0, n - 1 do points[#points + 1] = { x = i, y = i + 1 } end
  for _, p in ipairs(points) do total = total + p.y - p.x end
  print(table.concat({ hits, removed, size, total }, " "))
end

work(tonumber(arg[1]))
