import sys
from math import floor, sqrt


class Vec:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def plus(self, o):
        return Vec(self.x + o.x, self.y + o.y, self.z + o.z)

    def minus(self, o):
        return Vec(self.x - o.x, self.y - o.y, self.z - o.z)

    def scale(self, k):
        return Vec(self.x * k, self.y * k, self.z * k)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self.scale(1 / sqrt(self.dot(self)))

    def reflect(self, normal):
        return self.minus(normal.scale(2 * self.dot(normal)))


class Sphere:
    def __init__(self, center, radius, color, shine):
        self.center = center
        self.radius = radius
        self.color = color
        self.shine = shine

    def hit(self, origin, direction):
        """How far along the ray it is hit, or None."""
        to_center = self.center.minus(origin)
        along = to_center.dot(direction)
        off = along * along - to_center.dot(to_center) + self.radius * self.radius
        if off < 0:
            return None
        root = sqrt(off)
        if along - root > 0.0001:
            return along - root
        if along + root > 0.0001:
            return along + root
        return None

    def normal(self, point):
        return point.minus(self.center).unit()


class Scene:
    def __init__(self):
        self.light = Vec(5.0, 8.0, -6.0)
        self.spheres = [Sphere(Vec(0.0, -1000.0, 0.0), 999.0, Vec(0.5, 0.5, 0.5), 0.1)]
        for i in range(6):
            center = Vec(i * 1.2 - 3.0, (i % 3) * 0.8, i % 2 * 1.5)
            self.spheres.append(Sphere(center, 0.6, Vec(0.3 + i * 0.1, 0.9 - i * 0.1, 0.5), 0.3))

    def trace(self, origin, direction, depth):
        nearest = None
        distance = 1e30
        for sphere in self.spheres:
            d = sphere.hit(origin, direction)
            if d is not None and d < distance:
                nearest = sphere
                distance = d
        if nearest is None:
            t = 0.5 * (direction.y + 1)
            return Vec(1 - 0.5 * t, 1 - 0.3 * t, 1.0)
        point = origin.plus(direction.scale(distance))
        normal = nearest.normal(point)
        color = nearest.color.scale(0.1 + 0.9 * self.lit(point, normal))
        if depth == 0:
            return color
        mirrored = self.trace(point, direction.reflect(normal), depth - 1)
        return color.scale(1 - nearest.shine).plus(mirrored.scale(nearest.shine))

    def lit(self, point, normal):
        to_light = self.light.minus(point).unit()
        facing = normal.dot(to_light)
        if facing <= 0:
            return 0.0
        for sphere in self.spheres:
            if sphere.hit(point, to_light) is not None:
                return 0.0
        return facing


def work(n):
    scene = Scene()
    eye = Vec(0.0, 1.0, -8.0)
    red = green = blue = 0
    for y in range(n):
        for x in range(n):
            direction = Vec(x / n - 0.5, 0.5 - y / n, 1.0).unit()
            color = scene.trace(eye, direction, 2)
            red += floor(color.x * 255)
            green += floor(color.y * 255)
            blue += floor(color.z * 255)
    print(red, green, blue)


work(int(sys.argv[1]))
