import sys

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)


class Packet:
    def __init__(self, link, id, is_work):
        self.link = link
        self.id = id
        self.is_work = is_work
        self.at = 0
        self.data = [0] * 4

    def add_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Block:
    def __init__(self, link, id, priority, queue, job):
        self.link = link
        self.id = id
        self.priority = priority
        self.queue = queue
        self.job = job
        self.is_pending = queue is not None
        self.is_waiting = True
        self.is_held = False

    def is_stopped(self):
        return self.is_held or (self.is_waiting and not self.is_pending)

    def run(self):
        packet = None
        if self.is_waiting and self.is_pending:
            packet = self.queue
            self.queue = packet.link
            self.is_waiting = False
            self.is_pending = self.queue is not None
        return self.job.run(packet)

    def give(self, packet, running):
        if self.queue is not None:
            self.queue = packet.add_to(self.queue)
            return running
        self.queue = packet
        self.is_pending = True
        return self if self.priority > running.priority else running


class Scheduler:
    def __init__(self):
        self.list = None
        self.blocks = [None] * 6
        self.running = None
        self.queued = 0
        self.held = 0

    def add(self, id, priority, queue, job):
        self.list = Block(self.list, id, priority, queue, job)
        self.blocks[id] = self.list

    def run(self):
        self.running = self.list
        while self.running is not None:
            if self.running.is_stopped():
                self.running = self.running.link
            else:
                self.running = self.running.run()

    def release(self, id):
        block = self.blocks[id]
        block.is_held = False
        return block if block.priority > self.running.priority else self.running

    def hold(self):
        self.held += 1
        self.running.is_held = True
        return self.running.link

    def suspend(self):
        self.running.is_waiting = True
        return self.running

    def queue(self, packet):
        block = self.blocks[packet.id]
        self.queued += 1
        packet.link = None
        packet.id = self.running.id
        return block.give(packet, self.running)


class Idle:
    def __init__(self, scheduler, count):
        self.scheduler = scheduler
        self.count = count
        self.seed = 1

    def run(self, packet):
        self.count -= 1
        if self.count == 0:
            return self.scheduler.hold()
        self.seed = (self.seed * 3877 + 29573) % 139968
        return self.scheduler.release(DEVICE_A if self.seed % 2 == 0 else DEVICE_B)


class Device:
    def __init__(self, scheduler):
        self.scheduler = scheduler
        self.kept = None

    def run(self, packet):
        if packet is not None:
            self.kept = packet
            return self.scheduler.hold()
        kept = self.kept
        if kept is None:
            return self.scheduler.suspend()
        self.kept = None
        return self.scheduler.queue(kept)


class Worker:
    def __init__(self, scheduler):
        self.scheduler = scheduler
        self.next = HANDLER_A
        self.letter = 0

    def run(self, packet):
        if packet is None:
            return self.scheduler.suspend()
        self.next = HANDLER_B if self.next == HANDLER_A else HANDLER_A
        packet.id = self.next
        packet.at = 0
        for i in range(4):
            self.letter = self.letter % 26 + 1
            packet.data[i] = self.letter
        return self.scheduler.queue(packet)


class Handler:
    def __init__(self, scheduler):
        self.scheduler = scheduler
        self.work = None
        self.devices = None

    def run(self, packet):
        if packet is not None:
            if packet.is_work:
                self.work = packet.add_to(self.work)
            else:
                self.devices = packet.add_to(self.devices)
        work = self.work
        if work is None:
            return self.scheduler.suspend()
        if work.at == 4:
            self.work = work.link
            return self.scheduler.queue(work)
        device = self.devices
        if device is None:
            return self.scheduler.suspend()
        self.devices = device.link
        device.at = work.data[work.at]
        work.at += 1
        return self.scheduler.queue(device)


def packets(count, id, is_work):
    queue = None
    for _ in range(count):
        queue = Packet(queue, id, is_work)
    return queue


def work(n):
    scheduler = Scheduler()
    scheduler.add(IDLE, 0, None, Idle(scheduler, n))
    scheduler.list.is_waiting = False
    scheduler.add(WORKER, 1000, packets(2, WORKER, True), Worker(scheduler))
    scheduler.add(HANDLER_A, 2000, packets(3, DEVICE_A, False), Handler(scheduler))
    scheduler.add(HANDLER_B, 3000, packets(3, DEVICE_B, False), Handler(scheduler))
    scheduler.add(DEVICE_A, 4000, None, Device(scheduler))
    scheduler.add(DEVICE_B, 5000, None, Device(scheduler))
    scheduler.run()
    print(scheduler.queued, scheduler.held)


work(int(sys.argv[1]))
