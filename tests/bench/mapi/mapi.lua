-- Halves without `//`, so that LuaJIT reads it; of an even number it is exact.
local function work(n)
  local sparse, size, seed = {}, 0, 42
  for i = 0, n - 1 do
    seed = (seed * 3877 + 29573) % 139968
    local key = seed * 1009
    local old = sparse[key]
    if not old then size = size + 1 end
    sparse[key] = (old or 0) + i
  end
  local known, longest = { [1] = 1 }, 0
  local floor = math.floor
  for start = 1, n - 1 do
    local at, steps = start, 0
    while not known[at] do
      at = at % 2 == 0 and floor(at / 2) or at * 3 + 1
      steps = steps + 1
    end
    steps = steps + known[at]
    known[start] = steps
    if steps > longest then longest = steps end
  end
  local total = 0
  for key, value in pairs(sparse) do total = total + (key + value) % 1000 end
  print(table.concat({ size, #known, longest, total }, " "))
end

work(tonumber(arg[1]))
