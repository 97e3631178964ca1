local function a(i, j)
  return 1 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

local function times(v, n)
  local result = {}
  for i = 1, n do
    local sum = 0
    for j = 1, n do sum = sum + a(i - 1, j - 1) * v[j] end
    result[i] = sum
  end
  return result
end

local function transposed_times(v, n)
  local result = {}
  for i = 1, n do
    local sum = 0
    for j = 1, n do sum = sum + a(j - 1, i - 1) * v[j] end
    result[i] = sum
  end
  return result
end

local function norm(n)
  local u, v = {}, nil
  for i = 1, n do u[i] = 1 end
  for _ = 1, 10 do
    v = transposed_times(times(u, n), n)
    u = transposed_times(times(v, n), n)
  end
  local uv, vv = 0, 0
  for i = 1, n do
    uv = uv + u[i] * v[i]
    vv = vv + v[i] * v[i]
  end
  return math.sqrt(uv / vv)
end

print(string.format("%.9f", norm(tonumber(arg[1]))))
