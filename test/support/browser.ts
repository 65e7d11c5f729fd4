/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import type { Test } from 'tap';

const CHROMIUM = '/usr/bin/chromium';

/** Why a test with a browser is skipped; false: it is not. */
export const noBrowser = !existsSync(CHROMIUM) && 'needs Chromium (apt-get install chromium)';

const VIEWPORTS = { screen: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

export async function startBrowser(t: Test): Promise<Browser> {
  const flags = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...flags] });
  t.teardown(() => browser.close());
  return browser;
}

/**
 * Opens a report as wide as a screen and as a phone: no errors, nothing fetched, nothing sticks out, something drawn on each canvas. Returns
 * the headings of its plots.
 */
export async function look(
  t: Test,
  browser: Browser,
  file: string,
  { name = '', on = ['screen', 'phone'] }: { name?: string; on?: (keyof typeof VIEWPORTS)[] } = {},
): Promise<string[]> {
  let headings: string[] = [];
  for (const device of on) {
    const viewport = VIEWPORTS[device];
    const where = [name, device].filter(Boolean).join(', ');
    const page = await browser.newPage({ viewport });
    const problems: string[] = [];
    const url = pathToFileURL(file).href;
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('request', (request) => request.url() !== url && problems.push(`asks for ${request.url()}`));
    await page.goto(url);
    t.same(problems, [], `${where}: no errors, no requests`);
    headings = await page.locator('figure h2').allTextContents();
    t.equal(await page.getAttribute('html', 'data-drawn'), String(headings.length), `${where}: all curves are drawn`);
    t.equal(await page.locator('figure canvas').count(), headings.length, `${where}: each has a canvas`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    t.equal(wide, 0, `${where}: nothing sticks out to the side`);
    const inked = await page.evaluate(() =>
      Array.from(document.querySelectorAll('canvas')).every((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set<number>();
        for (let k = 0; k < data.length; k += 4) colours.add((data[k] << 16) | (data[k + 1] << 8) | data[k + 2]);
        return colours.size > 5;
      }),
    );
    t.ok(inked, `${where}: there is something on each`);
    if (process.env.NM_SCREENSHOTS)
      await page.screenshot({ path: join(process.env.NM_SCREENSHOTS, `${name}${device}.png`), fullPage: true });
    await page.close();
  }
  return headings;
}
