local Failure = {}
Failure.__index = Failure

local function failure(code)
  return setmetatable({ message = "failure", code = code }, Failure)
end

local function inner(i)
  if i % 2 == 0 then error(failure(i)) end
  return i
end

local function middle(i)
  return inner(i) + 1
end

local function outer(i)
  local cleaned = 0
  local ok, value = pcall(function() return middle(i) + 1 end)
  cleaned = cleaned + 1
  if not ok then error(value) end
  return value
end

local function work(n)
  local caught, total = 0, 0
  for i = 0, n - 1 do
    local ok, value = pcall(outer, i)
    if ok then
      total = total + value % 10
    elseif getmetatable(value) == Failure then
      caught = caught + 1
      total = total + value.code % 3
    else
      error(value)
    end
  end
  print(caught .. " " .. total)
end

work(tonumber(arg[1]))
