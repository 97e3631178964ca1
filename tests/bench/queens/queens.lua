local Board = {}
Board.__index = Board

function Board.new(n)
  return setmetatable({ n = n, columns = {}, up = {}, down = {} }, Board)
end

function Board:place(row)
  local n = self.n
  if row > n then return 1 end
  local columns, up, down = self.columns, self.up, self.down
  local count = 0
  for c = 1, n do
    local u, d = row + c, row - c + n
    if not (columns[c] or up[u] or down[d]) then
      columns[c], up[u], down[d] = true, true, true
      count = count + self:place(row + 1)
      columns[c], up[u], down[d] = false, false, false
    end
  end
  return count
end

print(Board.new(tonumber(arg[1])):place(1))
