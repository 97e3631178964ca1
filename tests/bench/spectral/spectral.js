function a(i, j) {
  return 1 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

function times(v, n) {
  const result = [];
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += a(i, j) * v[j];
    result.push(sum);
  }
  return result;
}

function transposedTimes(v, n) {
  const result = [];
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += a(j, i) * v[j];
    result.push(sum);
  }
  return result;
}

function norm(n) {
  let u = new Array(n).fill(1), v;
  for (let i = 0; i < 10; i++) {
    v = transposedTimes(times(u, n), n);
    u = transposedTimes(times(v, n), n);
  }
  let uv = 0, vv = 0;
  for (let i = 0; i < n; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  return Math.sqrt(uv / vv);
}

console.log(norm(Number(process.argv[2])).toFixed(9));
