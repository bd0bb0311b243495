// Checks before anything is uploaded: the same rules as at the door, as far as a browser can see.
const MB = 1024 * 1024;

export async function photo(file) {
  if (file.size > 10 * MB) return ["照片超过 10 MB。", "The photo is larger than 10 MB."];
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return ["这不是能打开的照片。", "This photo cannot be opened."];
  }
  const { width, height } = picture;
  if (Math.min(width, height) < 400) return ["照片太小，每边至少 400 像素。", "The photo is too small: 400 pixels a side at least."];
  if (Math.max(width, height) > 7000) return ["照片太大，每边最多 7000 像素。", "The photo is too large: 7000 pixels a side at most."];
  const canvas = new OffscreenCanvas(64, 64);
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0, 64, 64);
  const pixels = pen.getImageData(0, 0, 64, 64).data;
  let light = 0;
  for (let at = 0; at < pixels.length; at += 4) light += (pixels[at] + pixels[at + 1] + pixels[at + 2]) / 3;
  light /= pixels.length / 4;
  if (light < 40) return ["照片太暗，请在亮一点的地方拍。", "The photo is too dark. Please take it in more light."];
  if (light > 235) return ["照片太亮，看不清脸。", "The photo is too bright to see the face."];
  return null;
}

export async function voice(file) {
  if (file.size > 10 * MB) return ["录音超过 10 MB。", "The recording is larger than 10 MB."];
  let sound;
  try {
    const context = new OfflineAudioContext(1, 1, 16000);
    sound = await context.decodeAudioData(await file.arrayBuffer());
  } catch {
    return ["这段录音打不开。", "This recording cannot be opened."];
  }
  if (sound.duration < 5) return ["录音太短，请读 10 到 20 秒。", "The recording is too short: read for 10 to 20 seconds."];
  if (sound.duration > 60) return ["录音太长，最多 60 秒。", "The recording is too long: 60 seconds at most."];
  const samples = sound.getChannelData(0);
  let loud = 0;
  for (let at = 0; at < samples.length; at += 1) if (Math.abs(samples[at]) > 0.02) loud += 1;
  if (loud < samples.length * 0.02) return ["几乎听不到声音，请靠近一点再录。", "Hardly anything can be heard. Please record again, closer."];
  return null;
}

export function film(file, film, limits) {
  if (file.size > limits.mb * MB) return [`影片超过 ${limits.mb} MB。`, `The film is larger than ${limits.mb} MB.`];
  return new Promise((done) => {
    film.addEventListener("error", () => done(["这个影片打不开，请换成 H.264 的 mp4。", "This film cannot be opened. Please use an mp4 with H.264."]), { once: true });
    film.addEventListener("loadedmetadata", () => {
      const isLong = film.duration > limits.seconds;
      done(isLong ? [`影片超过 ${limits.seconds} 秒。`, `The film is longer than ${limits.seconds} s.`] : null);
    }, { once: true });
    film.src = `${URL.createObjectURL(file)}#t=1`; // so that a first picture is seen
  });
}
