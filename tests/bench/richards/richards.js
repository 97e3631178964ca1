const IDLE = 0, WORKER = 1, HANDLER_A = 2, HANDLER_B = 3, DEVICE_A = 4, DEVICE_B = 5;

class Packet {
  constructor(link, id, isWork) {
    this.link = link;
    this.id = id;
    this.isWork = isWork;
    this.at = 0;
    this.data = [0, 0, 0, 0];
  }
  addTo(queue) {
    this.link = null;
    if (queue === null) return this;
    let last = queue;
    while (last.link !== null) last = last.link;
    last.link = this;
    return queue;
  }
}

class Block {
  constructor(link, id, priority, queue, job) {
    this.link = link;
    this.id = id;
    this.priority = priority;
    this.queue = queue;
    this.job = job;
    this.isPending = queue !== null;
    this.isWaiting = true;
    this.isHeld = false;
  }
  isStopped() {
    return this.isHeld || (this.isWaiting && !this.isPending);
  }
  run() {
    let packet = null;
    if (this.isWaiting && this.isPending) {
      packet = this.queue;
      this.queue = packet.link;
      this.isWaiting = false;
      this.isPending = this.queue !== null;
    }
    return this.job.run(packet);
  }
  give(packet, running) {
    if (this.queue !== null) {
      this.queue = packet.addTo(this.queue);
      return running;
    }
    this.queue = packet;
    this.isPending = true;
    return this.priority > running.priority ? this : running;
  }
}

class Scheduler {
  constructor() {
    this.list = null;
    this.blocks = new Array(6).fill(null);
    this.running = null;
    this.queued = 0;
    this.held = 0;
  }
  add(id, priority, queue, job) {
    this.list = new Block(this.list, id, priority, queue, job);
    this.blocks[id] = this.list;
  }
  run() {
    this.running = this.list;
    while (this.running !== null) {
      if (this.running.isStopped()) {
        this.running = this.running.link;
      } else {
        this.running = this.running.run();
      }
    }
  }
  release(id) {
    const block = this.blocks[id];
    block.isHeld = false;
    return block.priority > this.running.priority ? block : this.running;
  }
  hold() {
    this.held++;
    this.running.isHeld = true;
    return this.running.link;
  }
  suspend() {
    this.running.isWaiting = true;
    return this.running;
  }
  queue(packet) {
    const block = this.blocks[packet.id];
    this.queued++;
    packet.link = null;
    packet.id = this.running.id;
    return block.give(packet, this.running);
  }
}

class Idle {
  constructor(scheduler, count) {
    this.scheduler = scheduler;
    this.count = count;
    this.seed = 1;
  }
  run() {
    this.count--;
    if (this.count === 0) return this.scheduler.hold();
    this.seed = (this.seed * 3877 + 29573) % 139968;
    return this.scheduler.release(this.seed % 2 === 0 ? DEVICE_A : DEVICE_B);
  }
}

class Device {
  constructor(scheduler) {
    this.scheduler = scheduler;
    this.kept = null;
  }
  run(packet) {
    if (packet !== null) {
      this.kept = packet;
      return this.scheduler.hold();
    }
    const { kept } = this;
    if (kept === null) return this.scheduler.suspend();
    this.kept = null;
    return this.scheduler.queue(kept);
  }
}

class Worker {
  constructor(scheduler) {
    this.scheduler = scheduler;
    this.next = HANDLER_A;
    this.letter = 0;
  }
  run(packet) {
    if (packet === null) return this.scheduler.suspend();
    this.next = this.next === HANDLER_A ? HANDLER_B : HANDLER_A;
    packet.id = this.next;
    packet.at = 0;
    for (let i = 0; i < 4; i++) {
      this.letter = this.letter % 26 + 1;
      packet.data[i] = this.letter;
    }
    return this.scheduler.queue(packet);
  }
}

class Handler {
  constructor(scheduler) {
    this.scheduler = scheduler;
    this.work = null;
    this.devices = null;
  }
  run(packet) {
    if (packet !== null) {
      if (packet.isWork) {
        this.work = packet.addTo(this.work);
      } else {
        this.devices = packet.addTo(this.devices);
      }
    }
    const { work } = this;
    if (work === null) return this.scheduler.suspend();
    if (work.at === 4) {
      this.work = work.link;
      return this.scheduler.queue(work);
    }
    const device = this.devices;
    if (device === null) return this.scheduler.suspend();
    this.devices = device.link;
    device.at = work.data[work.at];
    work.at++;
    return this.scheduler.queue(device);
  }
}

function packets(count, id, isWork) {
  let queue = null;
  for (let i = 0; i < count; i++) queue = new Packet(queue, id, isWork);
  return queue;
}

function work(n) {
  const scheduler = new Scheduler();
  scheduler.add(IDLE, 0, null, new Idle(scheduler, n));
  scheduler.list.isWaiting = false;
  scheduler.add(WORKER, 1000, packets(2, WORKER, true), new Worker(scheduler));
  scheduler.add(HANDLER_A, 2000, packets(3, DEVICE_A, false), new Handler(scheduler));
  scheduler.add(HANDLER_B, 3000, packets(3, DEVICE_B, false), new Handler(scheduler));
  scheduler.add(DEVICE_A, 4000, null, new Device(scheduler));
  scheduler.add(DEVICE_B, 5000, null, new Device(scheduler));
  scheduler.run();
  console.log(`${scheduler.queued} ${scheduler.held}`);
}

work(Number(process.argv[2]));
