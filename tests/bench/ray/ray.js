class Vec {
  constructor(x, y, z) {
    this.x = x;
    this.y = y;
    this.z = z;
  }
  plus(o) { return new Vec(this.x + o.x, this.y + o.y, this.z + o.z); }
  minus(o) { return new Vec(this.x - o.x, this.y - o.y, this.z - o.z); }
  scale(k) { return new Vec(this.x * k, this.y * k, this.z * k); }
  dot(o) { return this.x * o.x + this.y * o.y + this.z * o.z; }
  unit() { return this.scale(1 / Math.sqrt(this.dot(this))); }
  reflect(normal) { return this.minus(normal.scale(2 * this.dot(normal))); }
}

class Sphere {
  constructor(center, radius, color, shine) {
    this.center = center;
    this.radius = radius;
    this.color = color;
    this.shine = shine;
  }
  // How far along the ray it is hit, or null.
  hit(origin, direction) {
    const toCenter = this.center.minus(origin);
    const along = toCenter.dot(direction);
    const off = along * along - toCenter.dot(toCenter) + this.radius * this.radius;
    if (off < 0) return null;
    const root = Math.sqrt(off);
    if (along - root > 0.0001) return along - root;
    if (along + root > 0.0001) return along + root;
    return null;
  }
  normal(point) { return point.minus(this.center).unit(); }
}

class Scene {
  constructor() {
    this.light = new Vec(5, 8, -6);
    this.spheres = [new Sphere(new Vec(0, -1000, 0), 999, new Vec(0.5, 0.5, 0.5), 0.1)];
    for (let i = 0; i < 6; i++) {
      const center = new Vec(i * 1.2 - 3, (i % 3) * 0.8, i % 2 * 1.5);
      this.spheres.push(new Sphere(center, 0.6, new Vec(0.3 + i * 0.1, 0.9 - i * 0.1, 0.5), 0.3));
    }
  }
  trace(origin, direction, depth) {
    let nearest = null, distance = 1e30;
    for (const sphere of this.spheres) {
      const d = sphere.hit(origin, direction);
      if (d !== null && d < distance) {
        nearest = sphere;
        distance = d;
      }
    }
    if (nearest === null) {
      const t = 0.5 * (direction.y + 1);
      return new Vec(1 - 0.5 * t, 1 - 0.3 * t, 1);
    }
    const point = origin.plus(direction.scale(distance));
    const normal = nearest.normal(point);
    const color = nearest.color.scale(0.1 + 0.9 * this.lit(point, normal));
    if (depth === 0) return color;
    const mirrored = this.trace(point, direction.reflect(normal), depth - 1);
    return color.scale(1 - nearest.shine).plus(mirrored.scale(nearest.shine));
  }
  lit(point, normal) {
    const toLight = this.light.minus(point).unit();
    const facing = normal.dot(toLight);
    if (facing <= 0) return 0;
    for (const sphere of this.spheres) {
      if (sphere.hit(point, toLight) !== null) return 0;
    }
    return facing;
  }
}

function work(n) {
  const scene = new Scene();
  const eye = new Vec(0, 1, -8);
  let red = 0, green = 0, blue = 0;
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const direction = new Vec(x / n - 0.5, 0.5 - y / n, 1).unit();
      const color = scene.trace(eye, direction, 2);
      red += Math.floor(color.x * 255);
      green += Math.floor(color.y * 255);
      blue += Math.floor(color.z * 255);
    }
  }
  console.log(`${red} ${green} ${blue}`);
}

work(Number(process.argv[2]));
