local floor, sqrt = math.floor, math.sqrt

local Vec = {}
Vec.__index = Vec

local function vec(x, y, z)
  return setmetatable({ x = x, y = y, z = z }, Vec)
end

function Vec:plus(o) return vec(self.x + o.x, self.y + o.y, self.z + o.z) end
function Vec:minus(o) return vec(self.x - o.x, self.y - o.y, self.z - o.z) end
function Vec:scale(k) return vec(self.x * k, self.y * k, self.z * k) end
function Vec:dot(o) return self.x * o.x + self.y * o.y + self.z * o.z end
function Vec:unit() return self:scale(1 / sqrt(self:dot(self))) end
function Vec:reflect(normal) return self:minus(normal:scale(2 * self:dot(normal))) end

local Sphere = {}
Sphere.__index = Sphere

local function sphere(center, radius, color, shine)
  return setmetatable({ center = center, radius = radius, color = color, shine = shine }, Sphere)
end

-- How far along the ray it is hit, or nil.
function Sphere:hit(origin, direction)
  local to_center = self.center:minus(origin)
  local along = to_center:dot(direction)
  local off = along * along - to_center:dot(to_center) + self.radius * self.radius
  if off < 0 then return nil end
  local root = sqrt(off)
  if along - root > 0.0001 then return along - root end
  if along + root > 0.0001 then return along + root end
  return nil
end

function Sphere:normal(point) return point:minus(self.center):unit() end

local Scene = {}
Scene.__index = Scene

function Scene.new()
  local spheres = { sphere(vec(0, -1000, 0), 999, vec(0.5, 0.5, 0.5), 0.1) }
  for i = 0, 5 do
    local center = vec(i * 1.2 - 3, (i % 3) * 0.8, i % 2 * 1.5)
    spheres[#spheres + 1] = sphere(center, 0.6, vec(0.3 + i * 0.1, 0.9 - i * 0.1, 0.5), 0.3)
  end
  return setmetatable({ light = vec(5, 8, -6), spheres = spheres }, Scene)
end

function Scene:trace(origin, direction, depth)
  local nearest, distance = nil, 1e30
  for _, s in ipairs(self.spheres) do
    local d = s:hit(origin, direction)
    if d and d < distance then nearest, distance = s, d end
  end
  if not nearest then
    local t = 0.5 * (direction.y + 1)
    return vec(1 - 0.5 * t, 1 - 0.3 * t, 1)
  end
  local point = origin:plus(direction:scale(distance))
  local normal = nearest:normal(point)
  local color = nearest.color:scale(0.1 + 0.9 * self:lit(point, normal))
  if depth == 0 then return color end
  local mirrored = self:trace(point, direction:reflect(normal), depth - 1)
  return color:scale(1 - nearest.shine):plus(mirrored:scale(nearest.shine))
end

function Scene:lit(point, normal)
  local to_light = self.light:minus(point):unit()
  local facing = normal:dot(to_light)
  if facing <= 0 then return 0 end
  for _, s in ipairs(self.spheres) do
    if s:hit(point, to_light) then return 0 end
  end
  return facing
end

local function work(n)
  local scene, eye = Scene.new(), vec(0, 1, -8)
  local red, green, blue = 0, 0, 0
  for y = 0, n - 1 do
    for x = 0, n - 1 do
      local direction = vec(x / n - 0.5, 0.5 - y / n, 1):unit()
      local color = scene:trace(eye, direction, 2)
      red = red + floor(color.x * 255)
      green = green + floor(color.y * 255)
      blue = blue + floor(color.z * 255)
    end
  end
  print(red .. " " .. green .. " " .. blue)
end

work(tonumber(arg[1]))
