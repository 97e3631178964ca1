local Symbol = {}

local function symbol(name)
  return setmetatable({ name = name }, Symbol)
end

local Env = {}
Env.__index = Env

function Env.new(outer)
  return setmetatable({ values = {}, outer = outer }, Env)
end

function Env:find(name)
  local env = self
  while env do
    if env.values[name] ~= nil then return env.values end
    env = env.outer
  end
  error("no " .. name)
end

local Lambda = {}
Lambda.__index = Lambda

function Lambda.new(params, body, env)
  return setmetatable({ params = params, body = body, env = env }, Lambda)
end

function Lambda:bind(values)
  local env = Env.new(self.env)
  for i, name in ipairs(self.params) do env.values[name] = values[i] end
  return env
end

local function tokenize(text)
  local tokens = {}
  for token in text:gsub("[()]", " %0 "):gmatch("%S+") do tokens[#tokens + 1] = token end
  return tokens
end

-- Reads the form that begins at `at`; gives where the next one begins, too.
local function read(tokens, at)
  local token = tokens[at]
  if token == "(" then
    local list = {}
    at = at + 1
    while tokens[at] ~= ")" do list[#list + 1], at = read(tokens, at) end
    return list, at + 1
  end
  return tonumber(token) or symbol(token), at + 1
end

local function evaluate(form, env)
  while true do
    if type(form) ~= "table" then return form end
    if getmetatable(form) == Symbol then return env:find(form.name)[form.name] end
    local head = form[1]
    local name = getmetatable(head) == Symbol and head.name or ""
    if name == "if" then
      form = evaluate(form[2], env) ~= false and form[3] or form[4]
    elseif name == "define" then
      env.values[form[2].name] = evaluate(form[3], env)
      return nil
    elseif name == "set!" then
      env:find(form[2].name)[form[2].name] = evaluate(form[3], env)
      return nil
    elseif name == "lambda" then
      local params = {}
      for i, p in ipairs(form[2]) do params[i] = p.name end
      return Lambda.new(params, form[3], env)
    elseif name == "begin" then
      for i = 2, #form - 1 do evaluate(form[i], env) end
      form = form[#form]
    else
      local f, values = evaluate(head, env), {}
      for i = 2, #form do values[i - 1] = evaluate(form[i], env) end
      if getmetatable(f) ~= Lambda then return f(values) end
      env = f:bind(values)
      form = f.body
    end
  end
end

local function global_env()
  local env = Env.new(nil)
  env.values = {
    ["+"] = function(v) return v[1] + v[2] end,
    ["-"] = function(v) return v[1] - v[2] end,
    ["*"] = function(v) return v[1] * v[2] end,
    ["mod"] = function(v) return v[1] % v[2] end,
    ["<"] = function(v) return v[1] < v[2] end,
    ["="] = function(v) return v[1] == v[2] end,
    ["cons"] = function(v) return { v[1], v[2] } end,
    ["car"] = function(v) return v[1][1] end,
    ["cdr"] = function(v) return v[1][2] end,
    ["null?"] = function(v) return v[1] == 0 end,
  }
  return env
end

local program = [[
(begin
  (define fib (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))
  (define upto (lambda (i n) (if (= i n) 0 (cons i (upto (+ i 1) n)))))
  (define map (lambda (f xs) (if (null? xs) 0 (cons (f (car xs)) (map f (cdr xs))))))
  (define fold (lambda (f x xs) (if (null? xs) x (fold f (f x (car xs)) (cdr xs)))))
  (define make-counter (lambda (n) (lambda () (begin (set! n (+ n 1)) n))))
  (define count (make-counter 10))
  (define repeat (lambda (n total)
    (if (= n 0) total
      (begin
        (count)
        (repeat (- n 1)
          (mod (+ total (fold + 0 (map (lambda (x) (* x n)) (upto 0 30)))) 10007))))))
  (+ (* 1000000 (fib 15)) (+ (* 10 (repeat size 0)) (mod (count) 10))))
]]

local env = global_env()
env.values.size = tonumber(arg[1])
print((evaluate(read(tokenize(program), 1), env)))
