// The works of `make bench-tasks` in JavaScript; tasks.tg says what they are. A task is an async function.
"use strict";
const [, , work, size, extra] = process.argv;
let count = 0, cleaned = 0, caught = 0;

async function tick() { count++; }

async function atOnce(n) {
    const children = [];
    for (let i = 0; i < n; i++) children.push(tick());
    await Promise.all(children);
    return count;
}

async function inThousands(n) {
    for (let round = 0; round < n / 1000; round++) await atOnce(1000);
    return count;
}

class Channel {
    constructor(capacity = 0) { this.capacity = capacity; this.items = []; this.head = 0; this.senders = new Queue(); this.receivers = new Queue(); }
    send(value) {
        const receiver = this.receivers.pop();
        if (receiver) { receiver(value); return; }
        if (this.items.length - this.head < this.capacity) { this.items.push(value); return; }
        return new Promise(resolve => this.senders.push({ resolve, value }));
    }
    receive() {
        const sender = this.senders.pop();
        if (this.items.length > this.head) {
            const value = this.items[this.head++];
            if (this.head > 1000) { this.items.splice(0, this.head); this.head = 0; }
            if (sender) { this.items.push(sender.value); sender.resolve(); }
            return value;
        }
        if (sender) { sender.resolve(); return sender.value; }
        return new Promise(resolve => this.receivers.push(resolve));
    }
}

class Queue {
    constructor() { this.items = []; this.head = 0; }
    push(item) { this.items.push(item); }
    pop() {
        if (this.head === this.items.length) return undefined;
        const item = this.items[this.head++];
        if (this.head > 1000) { this.items.splice(0, this.head); this.head = 0; }
        return item;
    }
}

async function produce(out, n) { for (let i = 0; i < n; i++) await out.send(i); }
async function consume(source, n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await source.receive();
    count += sum;
}

async function through(ch, pairs, n) {
    const children = [];
    for (let i = 0; i < pairs; i++) children.push(produce(ch, n / pairs));
    for (let i = 0; i < pairs; i++) children.push(consume(ch, n / pairs));
    await Promise.all(children);
    return count;
}

async function leafOrTen(first, size) {
    if (size === 1) return first;
    const children = [];
    for (let i = 0; i < 10; i++) children.push(leafOrTen(first + i * (size / 10), size / 10));
    let sum = 0;
    for (const value of await Promise.all(children)) sum += value;
    return sum;
}

async function passOn(source, out, turns) { for (let turn = 0; turn < turns; turn++) await out.send(await source.receive() + 1); }

async function ring(hops) {
    const turns = hops / 1000, start = new Channel();
    let source = start, token = 0;
    for (let i = 0; i < 999; i++) {
        const out = new Channel();
        passOn(source, out, turns);
        source = out;
    }
    for (let turn = 0; turn < turns; turn++) {
        await start.send(token);
        token = await source.receive() + 1;
    }
    return token;
}

class Lock {
    constructor() { this.held = false; this.waiters = new Queue(); }
    acquire() {
        if (this.held) return new Promise(resolve => this.waiters.push(resolve));
        this.held = true;
    }
    release() {
        const waiter = this.waiters.pop();
        if (waiter) waiter(); else this.held = false;
    }
}

async function takeTurns(m, turns) {
    for (let turn = 0; turn < turns; turn++) {
        await m.acquire();
        try {
            const before = count;
            await null;
            count = before + 1;
        } finally { m.release(); }
    }
}

async function locked(n) {
    const m = new Lock(), children = [];
    for (let i = 0; i < 100; i++) children.push(takeTurns(m, n / 100));
    await Promise.all(children);
    return count;
}

let stopped = false;
async function generate(out) { for (let i = 2; !stopped; i++) await out.send(i); }
async function filter(source, out, prime) {
    while (!stopped) {
        const i = await source.receive();
        if (i % prime !== 0) await out.send(i);
    }
}

async function sieve(primes) {
    let source = new Channel(), prime = 0;
    generate(source);
    for (let i = 0; i < primes; i++) {
        prime = await source.receive();
        const out = new Channel();
        filter(source, out, prime);
        source = out;
    }
    stopped = true;
    return prime;
}

const sleep = seconds => new Promise(resolve => setTimeout(resolve, seconds * 1000));
async function rest(seconds) { await sleep(seconds); count++; }

async function sleepers(n) {
    const children = [];
    for (let i = 0; i < n; i++) children.push(rest(i / n));
    await Promise.all(children);
    return count;
}

async function waitFor(gate) { count++; await gate; }

async function crowd(n) {
    let open;
    const gate = new Promise(resolve => { open = resolve; }), children = [];
    count = 0;
    for (let i = 0; i < n; i++) children.push(waitFor(gate));
    open();
    await Promise.all(children);
}

async function live(n) {
    for (let round = 0; round < Number(extra); round++) await crowd(n);
    return count;
}

async function asleep(n) {
    for (let i = 0; i < n; i++) rest(3600);
    console.log("ready");
    await sleep(3600);
}

// A Ctrl-C is an event: it comes when nobody is busy, so never here.
async function interrupt(n) {
    const controller = new AbortController();
    process.on("SIGINT", () => controller.abort());
    const gate = new Promise((_, reject) => { controller.signal.onabort = () => reject(controller.signal.reason); });
    const children = [];
    for (let i = 0; i < n; i++) children.push((async () => {
        try { await gate; } catch (e) { caught++; } finally { cleaned++; }
    })());
    console.log("ready");
    await sleep(0.001);
    try { while (!controller.signal.aborted) count++; } finally { cleaned++; }
    await Promise.all(children);
    return `${caught} ${cleaned}`;
}

function line() { return new Promise(resolve => process.stdin.once("data", resolve)); }

async function memory(n) {
    console.log("ready");
    await line();
    await crowd(n);
    for (let i = 0; i < 2000000; i++) globalThis.garbage = [i];
    await sleep(0.1);
    console.log("ready");
    await line();
    process.stdin.destroy();
    return n;
}

async function shortWork(delay) {
    await sleep(delay);
    for (;;) {
        let sum = 0;
        for (let i = 0; i < 100; i++) sum += i;
        globalThis.sum = sum;
        await sleep(0.1);
    }
}

async function late(n) {
    for (let i = 0; i < n; i++) shortWork(i / n / 10);
    await sleep(0.3);
    const times = [], end = performance.now() + 3000;
    while (times.length < 2000 && performance.now() < end) {
        const before = performance.now();
        await sleep(0.001);
        times.push((performance.now() - before - 1) * 1000);
    }
    times.sort((a, b) => a - b);
    return Math.round(times[Math.floor(times.length * 999 / 1000)]);
}

const works = {
    empty: n => n, in_thousands: inThousands, at_once: atOnce, rendezvous: n => through(new Channel(), 1, n),
    buffered: n => through(new Channel(100), 100, n), skynet: n => leafOrTen(0, n), ring, locked, sieve, sleepers,
    live, asleep, interrupt, memory, late,
};

(async () => {
    console.log(work, await works[work](Number(size)));
    process.exitCode = 0;
    if (work === "late") process.exit();
})();
