local WINDOW, LONGEST = 4095, 18

local function text(n)
  local words = { "structured", "task", "nursery", "cancel", "the", "a", "interrupt", "is", "never", "lost" }
  local pieces, seed = {}, 42
  for _ = 1, n do
    seed = (seed * 3877 + 29573) % 139968
    pieces[#pieces + 1] = words[seed % 10 + 1]
    pieces[#pieces + 1] = seed % 7 == 0 and seed % 100 .. " " or " "
  end
  local joined, bytes = table.concat(pieces), {}
  for i = 1, #joined do bytes[i] = joined:byte(i) end
  return bytes
end

-- A literal is its byte; a reference is 256 + length, then its distance.
local function pack(data)
  local out, heads = {}, {}
  local size, at = #data, 1
  while at <= size do
    local best, distance = 0, 0
    if at + 2 <= size then
      local hash = (data[at] * 961 + data[at + 1] * 31 + data[at + 2]) % 4096 + 1
      local from = heads[hash]
      heads[hash] = at
      if from and at - from <= WINDOW then
        local limit = math.min(LONGEST, size - at + 1)
        while best < limit and data[from + best] == data[at + best] do best = best + 1 end
        distance = at - from
      end
    end
    if best >= 3 then
      out[#out + 1] = 256 + best
      out[#out + 1] = distance
      at = at + best
    else
      out[#out + 1] = data[at]
      at = at + 1
    end
  end
  return out
end

local function unpack(codes)
  local out, i = {}, 1
  while i <= #codes do
    local code = codes[i]
    if code < 256 then
      out[#out + 1] = code
    else
      i = i + 1
      local from = #out - codes[i] + 1
      for k = from, from + code - 257 do out[#out + 1] = out[k] end
    end
    i = i + 1
  end
  return out
end

local function checksum(numbers)
  local a, b = 1, 0
  for _, x in ipairs(numbers) do
    a = (a + x) % 65521
    b = (b + a) % 65521
  end
  return b * 65536 + a
end

local function equal(xs, ys)
  if #xs ~= #ys then return false end
  for i, x in ipairs(xs) do
    if x ~= ys[i] then return false end
  end
  return true
end

local function work(n)
  local data = text(n)
  local packed = pack(data)
  local back = unpack(packed)
  print(#data .. " " .. #packed .. " " .. checksum(packed) .. " " .. tostring(equal(back, data)))
end

work(tonumber(arg[1]))
