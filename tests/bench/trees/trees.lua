local Node = {}
Node.__index = Node

local function new(left, right)
  return setmetatable({ left = left, right = right }, Node)
end

function Node:count()
  if not self.left then return 1 end
  return 1 + self.left:count() + self.right:count()
end

local function tree(depth)
  if depth == 0 then return new() end
  return new(tree(depth - 1), tree(depth - 1))
end

local function work(n)
  local long_lived = tree(n)
  for depth = 4, n, 4 do
    local times, total = 1, 0
    for _ = 1, n - depth do times = times * 2 end
    for _ = 1, times do total = total + tree(depth):count() end
    print(times .. " " .. depth .. " " .. total)
  end
  print(long_lived:count())
end

work(tonumber(arg[1]))
