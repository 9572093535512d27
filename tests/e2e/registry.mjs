// A registry of container images: the distribution's own docker-registry, which asks nobody who he is; for a server that
// does to stand before it. It has an image of no layer, team/tool:latest.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ofTrixie } from './trixie.mjs';
import { sleep } from './world.mjs';

// As the OCI image layout has it.
function makeImage(directory) {
  const blobs = path.join(directory, 'blobs/sha256');
  fs.mkdirSync(blobs, { recursive: true });
  const put = (mediaType, content) => {
    const text = JSON.stringify(content);
    const digest = createHash('sha256').update(text).digest('hex');
    fs.writeFileSync(path.join(blobs, digest), text);
    return { mediaType, digest: `sha256:${digest}`, size: text.length };
  };
  const oci = (kind) => `application/vnd.oci.image.${kind}.v1+json`;
  const config = put(oci('config'), { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [] } });
  const manifest = put(oci('manifest'), { schemaVersion: 2, mediaType: oci('manifest'), config, layers: [] });
  fs.writeFileSync(path.join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  fs.writeFileSync(path.join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

// options: {directory, host, port}. Answers {url, image, stop()}; image is the directory of the image, to push.
export async function startRegistry({ directory, host, port }) {
  const at = (name) => path.join(directory, name);
  makeImage(at('image'));
  fs.writeFileSync(at('registry.json'), JSON.stringify({ version: '0.1', log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: at('store') } }, http: { addr: `${host}:${port}`, relativeurls: true, secret: 'x' } }));
  const [program, ...rest] = ofTrixie('usr/bin/docker-registry');
  const log = fs.openSync(at('log'), 'a');
  const registry = spawn(program, [...rest, 'serve', at('registry.json')], { stdio: ['ignore', log, log] });
  fs.closeSync(log);
  const ended = new Promise((resolve) => registry.on('close', resolve));
  const url = `http://${host}:${port}`;
  for (let i = 0; !await fetch(`${url}/v2/`).then(({ ok }) => ok, () => false); ++i) {
    if (registry.exitCode !== null || i === 500) throw new Error(`docker-registry: ${fs.readFileSync(at('log'), 'utf8')}`);
    await sleep(20);
  }
  execFileSync('skopeo', ['copy', '-q', '--dest-tls-verify=false', `oci:${at('image')}`,
                          `docker://${host}:${port}/team/tool:latest`]);
  const stop = () => {
    registry.kill('SIGTERM');
    return ended;
  };
  return { url, image: at('image'), stop };
}
