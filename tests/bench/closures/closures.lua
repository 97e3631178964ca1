local function counter(step)
  local n = 0
  return function()
    n = n + step
    return n
  end
end

local function compose(f, g)
  return function(x) return f(g(x)) end
end

local function map(list, f)
  local result = {}
  for i, x in ipairs(list) do result[i] = f(x) end
  return result
end

local function filter(list, f)
  local result = {}
  for _, x in ipairs(list) do
    if f(x) then result[#result + 1] = x end
  end
  return result
end

local function reduce(list, f, value)
  for _, x in ipairs(list) do value = f(value, x) end
  return value
end

local function work(n)
  local total, next = 0, counter(3)
  for _ = 1, n do total = total + next() % 5 end
  for i = 0, n - 1 do
    local add = function(x) return x + i end
    total = total + add(i) % 7
  end
  local f = compose(function(x) return x + 1 end,
    compose(function(x) return x * 2 end, function(x) return x - 3 end))
  for i = 0, n - 1 do total = total + f(i) % 11 end
  local xs = {}
  for i = 0, 999 do xs[i + 1] = i end
  for k = 0, math.floor(n / 1000) - 1 do
    local scaled = map(xs, function(x) return x * k end)
    local thirds = filter(scaled, function(x) return x % 3 == 0 end)
    total = total + reduce(thirds, function(a, b) return a + b end, 0) % 13
  end
  print(total)
end

work(tonumber(arg[1]))
