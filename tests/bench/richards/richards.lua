local IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = 1, 2, 3, 4, 5, 6

local Packet = {}
Packet.__index = Packet

function Packet.new(link, id, is_work)
  return setmetatable({ link = link, id = id, is_work = is_work, at = 1, data = { 0, 0, 0, 0 } }, Packet)
end

function Packet:add_to(queue)
  self.link = nil
  if not queue then return self end
  local last = queue
  while last.link do last = last.link end
  last.link = self
  return queue
end

local Block = {}
Block.__index = Block

function Block.new(link, id, priority, queue, job)
  return setmetatable({
    link = link, id = id, priority = priority, queue = queue, job = job,
    is_pending = queue ~= nil, is_waiting = true, is_held = false,
  }, Block)
end

function Block:is_stopped()
  return self.is_held or (self.is_waiting and not self.is_pending)
end

function Block:run()
  local packet
  if self.is_waiting and self.is_pending then
    packet = self.queue
    self.queue = packet.link
    self.is_waiting = false
    self.is_pending = self.queue ~= nil
  end
  return self.job:run(packet)
end

function Block:give(packet, running)
  if self.queue then
    self.queue = packet:add_to(self.queue)
    return running
  end
  self.queue = packet
  self.is_pending = true
  return self.priority > running.priority and self or running
end

local Scheduler = {}
Scheduler.__index = Scheduler

function Scheduler.new()
  return setmetatable({ list = nil, blocks = {}, running = nil, queued = 0, held = 0 }, Scheduler)
end

function Scheduler:add(id, priority, queue, job)
  self.list = Block.new(self.list, id, priority, queue, job)
  self.blocks[id] = self.list
end

function Scheduler:run()
  self.running = self.list
  while self.running do
    if self.running:is_stopped() then
      self.running = self.running.link
    else
      self.running = self.running:run()
    end
  end
end

function Scheduler:release(id)
  local block = self.blocks[id]
  block.is_held = false
  return block.priority > self.running.priority and block or self.running
end

function Scheduler:hold()
  self.held = self.held + 1
  self.running.is_held = true
  return self.running.link
end

function Scheduler:suspend()
  self.running.is_waiting = true
  return self.running
end

function Scheduler:queue(packet)
  local block = self.blocks[packet.id]
  self.queued = self.queued + 1
  packet.link = nil
  packet.id = self.running.id
  return block:give(packet, self.running)
end

local Idle = {}
Idle.__index = Idle

function Idle.new(scheduler, count)
  return setmetatable({ scheduler = scheduler, count = count, seed = 1 }, Idle)
end

function Idle:run()
  self.count = self.count - 1
  if self.count == 0 then return self.scheduler:hold() end
  self.seed = (self.seed * 3877 + 29573) % 139968
  return self.scheduler:release(self.seed % 2 == 0 and DEVICE_A or DEVICE_B)
end

local Device = {}
Device.__index = Device

function Device.new(scheduler)
  return setmetatable({ scheduler = scheduler, kept = nil }, Device)
end

function Device:run(packet)
  if packet then
    self.kept = packet
    return self.scheduler:hold()
  end
  local kept = self.kept
  if not kept then return self.scheduler:suspend() end
  self.kept = nil
  return self.scheduler:queue(kept)
end

local Worker = {}
Worker.__index = Worker

function Worker.new(scheduler)
  return setmetatable({ scheduler = scheduler, next = HANDLER_A, letter = 0 }, Worker)
end

function Worker:run(packet)
  if not packet then return self.scheduler:suspend() end
  self.next = self.next == HANDLER_A and HANDLER_B or HANDLER_A
  packet.id = self.next
  packet.at = 1
  for i = 1, 4 do
    self.letter = self.letter % 26 + 1
    packet.data[i] = self.letter
  end
  return self.scheduler:queue(packet)
end

local Handler = {}
Handler.__index = Handler

function Handler.new(scheduler)
  return setmetatable({ scheduler = scheduler, work = nil, devices = nil }, Handler)
end

function Handler:run(packet)
  if packet then
    if packet.is_work then
      self.work = packet:add_to(self.work)
    else
      self.devices = packet:add_to(self.devices)
    end
  end
  local work = self.work
  if not work then return self.scheduler:suspend() end
  if work.at == 5 then
    self.work = work.link
    return self.scheduler:queue(work)
  end
  local device = self.devices
  if not device then return self.scheduler:suspend() end
  self.devices = device.link
  device.at = work.data[work.at]
  work.at = work.at + 1
  return self.scheduler:queue(device)
end

local function packets(count, id, is_work)
  local queue
  for _ = 1, count do queue = Packet.new(queue, id, is_work) end
  return queue
end

local function work(n)
  local scheduler = Scheduler.new()
  scheduler:add(IDLE, 0, nil, Idle.new(scheduler, n))
  scheduler.list.is_waiting = false
  scheduler:add(WORKER, 1000, packets(2, WORKER, true), Worker.new(scheduler))
  scheduler:add(HANDLER_A, 2000, packets(3, DEVICE_A, false), Handler.new(scheduler))
  scheduler:add(HANDLER_B, 3000, packets(3, DEVICE_B, false), Handler.new(scheduler))
  scheduler:add(DEVICE_A, 4000, nil, Device.new(scheduler))
  scheduler:add(DEVICE_B, 5000, nil, Device.new(scheduler))
  scheduler:run()
  print(scheduler.queued .. " " .. scheduler.held)
end

work(tonumber(arg[1]))
