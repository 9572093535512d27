// Pictures of every page of reeve-bind, by a real walk through a real world: in each language, light, dark and 360 px
// wide. For people to look at; scripts/screenshots runs it.
//
//     REEVE_BUILD=build node tests/e2e/screenshots.mjs DIRECTORY [LANGUAGE...]
import fs from 'node:fs';
import path from 'node:path';
import { launch } from '../support/node/browser.mjs';
import { walkPages } from './page_walk.mjs';
import { World } from './world.mjs';

const [directory, ...chosen] = process.argv.slice(2);
const languages = chosen.length > 0 ? chosen : ['en', 'de', 'fr', 'es'];
fs.mkdirSync(directory, { recursive: true });

const browser = await launch();
const logo = path.join(fs.mkdtempSync('/tmp/reeve-logo.'), 'logo.png');
await drawLogo();
const world = await World.start({
  bindOptions: ['--operator=Example Works', '--contact=help@example.com', `--logo=${logo}`],
});

async function drawLogo() {
  const page = await browser.newPage({ viewport: { width: 64, height: 64 } });
  await page.setContent('<body style="margin:0;height:64px;background:radial-gradient(circle,#2a6fb0 60%,#fff 62%)">');
  fs.writeFileSync(logo, await page.screenshot());
  fs.chmodSync(path.dirname(logo), 0o755);
  await page.close();
}

async function shoot(page, language, name) {
  for (const [kind, colorScheme, width] of [['light', 'light', 800], ['dark', 'dark', 800], ['narrow', 'light', 360]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 700 });
    await page.screenshot({ path: path.join(directory, `${name}.${language}.${kind}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 800, height: 700 });
}

async function walk(language) {
  const context = await browser.newContext({ locale: language });
  await walkPages(world, context, (page, name) => shoot(page, language, name));
  await context.close();
}

try {
  for (const language of languages) await walk(language);
  console.log(`${fs.readdirSync(directory).length} pictures in ${directory}`);
} finally {
  await browser.close();
  await world.stop();
  fs.rmSync(path.dirname(logo), { recursive: true });
}
