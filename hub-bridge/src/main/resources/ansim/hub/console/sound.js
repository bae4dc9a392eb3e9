// Two tones every few seconds while an emergency is open and not seen. Off until the operator turns it on: browsers play nothing before.

const EVERY_MS = 4_000;

export class Sound {
  on = false;
  context = null;
  lastMs = 0;

  toggle() {
    this.on = !this.on;
    if (this.on) {
      this.context ??= new AudioContext();
      this.context.resume();
      this.lastMs = Date.now();
      this.tone(660, 0, 0.15);
    }
  }

  /** Called every second. */
  alarm(needed) {
    if (this.on && needed && Date.now() - this.lastMs >= EVERY_MS) {
      this.lastMs = Date.now();
      this.tone(880, 0, 0.25);
      this.tone(660, 0.3, 0.35);
    }
  }

  tone(hertz, afterS, lengthS) {
    const oscillator = this.context.createOscillator();
    const gain = this.context.createGain();
    const start = this.context.currentTime + afterS;
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0.0001, start);
    gain.gain.exponentialRampToValueAtTime(0.3, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + lengthS);
    oscillator.connect(gain).connect(this.context.destination);
    oscillator.start(start);
    oscillator.stop(start + lengthS);
  }
}
