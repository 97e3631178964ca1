local escapes = { n = "\n", t = "\t", r = "\r", b = "\b", f = "\f" }
local null = {}

local Reader = {}
Reader.__index = Reader

function Reader.new(text)
  return setmetatable({ text = text, at = 1 }, Reader)
end

function Reader:fail(what)
  error(what .. " at " .. self.at)
end

function Reader:skip()
  local at = self.text:find("[^ \n\t\r]", self.at) or #self.text + 1
  self.at = at
  return self.text:sub(at, at)
end

function Reader:expect(c)
  if self:skip() ~= c then self:fail("expected " .. c) end
  self.at = self.at + 1
end

function Reader:word(text, value)
  if self.text:sub(self.at, self.at + #text - 1) ~= text then self:fail("expected " .. text) end
  self.at = self.at + #text
  return value
end

function Reader:value()
  local c = self:skip()
  if c == "{" then return self:object() end
  if c == "[" then return self:list() end
  if c == '"' then return self:string() end
  if c == "t" then return self:word("true", true) end
  if c == "f" then return self:word("false", false) end
  if c == "n" then return self:word("null", null) end
  return self:number()
end

-- The keys are kept in order, so that the writer can give them back as they came.
function Reader:object()
  local result = { keys = {}, items = {} }
  self:expect("{")
  if self:skip() == "}" then
    self.at = self.at + 1
    return result
  end
  while true do
    self:skip()
    local key = self:string()
    self:expect(":")
    result.items[key] = self:value()
    result.keys[#result.keys + 1] = key
    if self:skip() ~= "," then break end
    self.at = self.at + 1
  end
  self:expect("}")
  return result
end

function Reader:list()
  local result = {}
  self:expect("[")
  if self:skip() == "]" then
    self.at = self.at + 1
    return result
  end
  while true do
    result[#result + 1] = self:value()
    if self:skip() ~= "," then break end
    self.at = self.at + 1
  end
  self:expect("]")
  return result
end

function Reader:string()
  local text = self.text
  self:expect('"')
  local start, pieces = self.at, nil
  while true do
    local at = text:find('["\\]', start)
    local piece = text:sub(start, at - 1)
    if text:byte(at) == 34 then
      self.at = at + 1
      if not pieces then return piece end
      pieces[#pieces + 1] = piece
      return table.concat(pieces)
    end
    pieces = pieces or {}
    pieces[#pieces + 1] = piece
    local c = text:sub(at + 1, at + 1)
    if c == "u" then
      pieces[#pieces + 1] = string.char(tonumber(text:sub(at + 2, at + 5), 16))
      start = at + 6
    else
      pieces[#pieces + 1] = escapes[c] or c
      start = at + 2
    end
  end
end

function Reader:number()
  local _, last = self.text:find("^[-+0-9.eE]+", self.at)
  if not last then self:fail("no value") end
  local value = tonumber(self.text:sub(self.at, last))
  self.at = last + 1
  return value
end

local quoted = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function quote(text)
  return '"' .. text:gsub('[\\"\n]', quoted) .. '"'
end

local function write(value, out)
  if type(value) == "string" then
    out[#out + 1] = quote(value)
  elseif value == null then
    out[#out + 1] = "null"
  elseif type(value) ~= "table" then
    out[#out + 1] = tostring(value)
  elseif value.keys then
    out[#out + 1] = "{"
    for i, key in ipairs(value.keys) do
      if i > 1 then out[#out + 1] = "," end
      out[#out + 1] = quote(key)
      out[#out + 1] = ":"
      write(value.items[key], out)
    end
    out[#out + 1] = "}"
  else
    out[#out + 1] = "["
    for i, item in ipairs(value) do
      if i > 1 then out[#out + 1] = "," end
      write(item, out)
    end
    out[#out + 1] = "]"
  end
end

local function document(n)
  local rows = {}
  for i = 0, n - 1 do
    rows[#rows + 1] = '{ "id": ' .. i .. ', "name": "user \\"' .. i % 17 .. '\\"\\n", "tags": ["a", "b\\u0041", "' .. i * 7
      .. '"], "score": ' .. i .. '.5, "active": ' .. (i % 2 == 0 and "true" or "false") .. ', "parent": null }'
  end
  return "[" .. table.concat(rows, ",\n  ") .. "]"
end

local function work(n)
  local text = document(n)
  local value = Reader.new(text):value()
  local out = {}
  write(value, out)
  local again = table.concat(out)
  local total, names = 0, 0
  for _, row in ipairs(Reader.new(again):value()) do
    if row.items.active then total = total + row.items.score end
    names = names + #row.items.name
  end
  print(#text .. " " .. #again .. " " .. names .. " " .. string.format("%.1f", total) .. " " .. again:sub(1, 110))
end

work(tonumber(arg[1]))
