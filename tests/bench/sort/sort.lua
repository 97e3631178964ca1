local function work(n)
  local xs, seed = {}, 42
  for i = 1, n do
    seed = (seed * 3877 + 29573) % 139968
    xs[i] = seed
  end
  table.sort(xs, function(a, b) return a < b end)
  local total = 0
  for i = 1, n do total = (total + (i - 1) * xs[i]) % 1000003 end
  table.sort(xs, function(a, b) return a > b end)
  print(table.concat({ total, xs[1], xs[math.floor(n / 2) + 1], xs[n] }, " "))
end

work(tonumber(arg[1]))
