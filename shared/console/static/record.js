// Recording a voice as WAV, mono, 16 bit: what browsers record by themselves (webm) the voice model does not take.
const SECONDS_MAX = 25;

export class Recorder {
  constructor(worklet, onLevel) {
    this.worklet = worklet;
    this.onLevel = onLevel;
    this.blocks = [];
  }

  async start(onFull) {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule(this.worklet);
    this.blocks = [];
    const node = new AudioWorkletNode(this.context, "recorder");
    node.port.onmessage = ({ data }) => {
      this.blocks.push(data);
      const level = data.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      this.onLevel(level, this.seconds);
      if (this.seconds >= SECONDS_MAX) onFull();
    };
    this.context.createMediaStreamSource(this.stream).connect(node);
  }

  get seconds() {
    return this.blocks.reduce((sum, block) => sum + block.length, 0) / this.context.sampleRate;
  }

  async stop() {
    for (const track of this.stream.getTracks()) track.stop();
    const rate = this.context.sampleRate;
    await this.context.close();
    return new File([wav(this.blocks, rate)], "voice.wav", { type: "audio/wav" });
  }
}

function wav(blocks, rate) {
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, word) => [...word].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * count, true);
  text(8, "WAVEfmt ");
  [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, rate, 4], [28, 2 * rate, 4], [32, 2, 2], [34, 16, 2]].forEach(([at, value, bytes]) =>
    bytes === 4 ? view.setUint32(at, value, true) : view.setUint16(at, value, true));
  text(36, "data");
  view.setUint32(40, 2 * count, true);
  let at = 44;
  for (const block of blocks) {
    for (const sample of block) {
      view.setInt16(at, Math.max(-1, Math.min(1, sample)) * 32767, true);
      at += 2;
    }
  }
  return view.buffer;
}
