local function work(n)
  local total, odd = 0, 0
  for i = 1, n do
    for j = 1, n do
      total = total + i * j % 7
      if (i + j) % 2 == 1 then odd = odd + 1 end
    end
    local k = i
    while k > 1 do
      k = k - 3
      total = total - 1
    end
  end
  print(total .. " " .. odd)
end

work(tonumber(arg[1]))
