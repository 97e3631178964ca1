local function where(accepts)
  return function(after)
    return function(s, i)
      if i <= #s and accepts(s:sub(i, i)) then return after(s, i + 1) end
      return nil
    end
  end
end

local function star(part)
  return function(after)
    local once
    local function loop(s, i)
      return once(s, i) or after(s, i)
    end
    once = part(loop)
    return loop
  end
end

local function maybe(part)
  return function(after)
    local once = part(after)
    return function(s, i) return once(s, i) or after(s, i) end
  end
end

local Pattern = {}
Pattern.__index = Pattern

function Pattern.new(text)
  local self = setmetatable({ text = text, at = 1 }, Pattern)
  self.start = self:choice()(function(_, i) return i end)
  return self
end

function Pattern:peek()
  return self.text:sub(self.at, self.at)
end

function Pattern:choice()
  local left = self:sequence()
  if self:peek() ~= "|" then return left end
  self.at = self.at + 1
  local right = self:choice()
  return function(after)
    local a, b = left(after), right(after)
    return function(s, i) return a(s, i) or b(s, i) end
  end
end

function Pattern:sequence()
  local parts = {}
  while self:peek() ~= "" and self:peek() ~= "|" and self:peek() ~= ")" do
    parts[#parts + 1] = self:repeated()
  end
  return function(after)
    for i = #parts, 1, -1 do after = parts[i](after) end
    return after
  end
end

function Pattern:repeated()
  local part = self:single()
  local sign = self:peek()
  if sign == "*" or sign == "+" or sign == "?" then
    self.at = self.at + 1
    if sign == "*" then return star(part) end
    if sign == "?" then return maybe(part) end
    local more = star(part)
    return function(after) return part(more(after)) end
  end
  return part
end

function Pattern:single()
  local c = self:peek()
  self.at = self.at + 1
  if c == "(" then
    local inner = self:choice()
    self.at = self.at + 1
    return inner
  end
  if c == "." then return where(function() return true end) end
  if c == "[" then return where(self:set()) end
  return where(function(x) return x == c end)
end

function Pattern:set()
  local negated = self:peek() == "^"
  if negated then self.at = self.at + 1 end
  local members = {}
  while self:peek() ~= "]" do
    local first = self:peek()
    local last = first
    self.at = self.at + 1
    if self:peek() == "-" then
      last = self.text:sub(self.at + 1, self.at + 1)
      self.at = self.at + 2
    end
    for code = first:byte(), last:byte() do members[string.char(code)] = true end
  end
  self.at = self.at + 1
  return function(x) return (members[x] or false) ~= negated end
end

function Pattern:match_at(s, i)
  return self.start(s, i)
end

function Pattern:count(s)
  local found, i = 0, 1
  while i <= #s do
    local last = self:match_at(s, i)
    if last and last > i then
      found = found + 1
      i = last
    else
      i = i + 1
    end
  end
  return found
end

local function text(n)
  local pieces = {}
  for i = 0, n - 1 do
    pieces[#pieces + 1] = "user" .. i .. "@mail" .. i % 7 .. ".example.org on 20" .. i % 30 + 10 .. "-0" .. i % 9 + 1
      .. "-1" .. i % 10 .. ", "
    pieces[#pieces + 1] = "paid " .. i * 37 % 1000 .. "." .. i % 90 + 10 .. " for (aaaa" .. i .. ")bbb; "
  end
  return table.concat(pieces)
end

local function work(n)
  local s = text(n)
  local counts = {}
  for i, p in ipairs({ "[a-z0-9]+@[a-z0-9]+(.[a-z]+)+", "20[0-9][0-9]-[01][0-9]-[0-3][0-9]", "[0-9]+(.[0-9]+)?",
    "(a|aa)*b", "(user|mail)[13579]", "[^ ]+;" }) do
    counts[i] = Pattern.new(p):count(s)
  end
  print(#s .. " " .. table.concat(counts, " "))
end

work(tonumber(arg[1]))
