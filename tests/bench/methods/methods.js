class Toggle {
  constructor(on) {
    this.on = on;
  }
  value() {
    return this.on;
  }
  flip() {
    this.on = !this.on;
    return this;
  }
}

class NthToggle extends Toggle {
  constructor(on, every) {
    super(on);
    this.every = every;
    this.count = 0;
  }
  flip() {
    this.count++;
    if (this.count >= this.every) {
      super.flip();
      this.count = 0;
    }
    return this;
  }
}

function work(n) {
  let ons = 0;
  const toggle = new Toggle(true);
  for (let i = 0; i < n; i++) if (toggle.flip().value()) ons++;
  const nth = new NthToggle(true, 3);
  for (let i = 0; i < n; i++) if (nth.flip().value()) ons++;
  const both = [new Toggle(false), new NthToggle(false, 2)];
  for (let i = 0; i < n; i++) if (both[i % 2].flip().value()) ons++;
  console.log(String(ons));
}

work(Number(process.argv[2]));
