local function primes_below(n)
  local is_prime = {}
  for i = 1, n do is_prime[i] = true end
  local count = 0
  for i = 2, n - 1 do
    if is_prime[i] then
      count = count + 1
      for k = i * i, n - 1, i do is_prime[k] = false end
    end
  end
  return count
end

for _ = 1, 3 do print(primes_below(tonumber(arg[1]))) end
