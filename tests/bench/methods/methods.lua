local Toggle = {}
Toggle.__index = Toggle

function Toggle.new(on)
  return setmetatable({ on = on }, Toggle)
end

function Toggle:value() return self.on end

function Toggle:flip()
  self.on = not self.on
  return self
end

local NthToggle = setmetatable({}, { __index = Toggle })
NthToggle.__index = NthToggle

function NthToggle.new(on, every)
  local self = setmetatable(Toggle.new(on), NthToggle)
  self.every = every
  self.count = 0
  return self
end

function NthToggle:flip()
  self.count = self.count + 1
  if self.count >= self.every then
    Toggle.flip(self)
    self.count = 0
  end
  return self
end

local function work(n)
  local ons, toggle = 0, Toggle.new(true)
  for _ = 1, n do
    if toggle:flip():value() then ons = ons + 1 end
  end
  local nth = NthToggle.new(true, 3)
  for _ = 1, n do
    if nth:flip():value() then ons = ons + 1 end
  end
  local both = { Toggle.new(false), NthToggle.new(false, 2) }
  for i = 0, n - 1 do
    if both[i % 2 + 1]:flip():value() then ons = ons + 1 end
  end
  print(ons)
end

work(tonumber(arg[1]))
