// Usage: node check.mjs URL FOLDER
//
// Looks at the page at URL, at a line's page, at lists of lines, orders and sites, and at a line that does not exist, with a headless Chromium, in
// both themes, both languages and two widths: takes a screenshot of each into FOLDER, and fails where axe-core finds a
// violation, where the browser had to refuse something (a policy, a script, a missing file), where anything was loaded
// from elsewhere, or where a page is wider than its window.
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const problems = [];
let looked = 0;

async function open(theme, locale, width) {
  const context = await browser.newContext({ colorScheme: theme, locale, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && !expected(message) && problems.push(`${page.url()}: ${message.text()}`));
  page.on("request", (request) => request.url().startsWith(url) || request.url().startsWith("data:") || problems.push(`${page.url()} asks for ${request.url()}`));
  return page;
}

// The browser calls every 404 an error; one of the pages is meant to be one.
const expected = (message) => message.location().url.includes("line=00000000000");

async function look(page, name, path, status) {
  const response = await page.goto(url + path, { waitUntil: "load", timeout: 60_000 });
  if (response.status() !== status) problems.push(`${path}: status ${response.status()}, want ${status}`);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wider > 0) problems.push(`${name}: the page is ${wider} px wider than its window`);
  await page.evaluate(axe); // by the debugger, past the page's own policy
  const { violations } = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  for (const { id, help, nodes } of violations) {
    problems.push(`${name}: axe ${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  }
  looked++;
}

mkdirSync(folder, { recursive: true });
const first = await open("light", "en", 1200);
await first.goto(url);
const line = await first.locator("#nearest tbody th a, #restricted tbody th a").first().getAttribute("href");
if (await first.locator("script").count()) problems.push("the page has a script");

for (const theme of ["light", "dark"]) {
  for (const locale of ["en-GB", "ja-JP"]) {
    for (const [size, width] of [["", 1200], ["-phone", 390]]) {
      const page = await open(theme, locale, width);
      const suffix = `${locale.slice(0, 2)}-${theme}${size}`;
      await look(page, `fleet-${suffix}`, "/", 200);
      await look(page, `line-${suffix}`, line, 200);
      await look(page, `found-${suffix}`, "/lines?q=090&sort=used&desc=1", 200);
      await look(page, `restricted-${suffix}`, "/lines?list=restricted", 200);
      await look(page, `part-${suffix}`, "/lines?page=2", 200);
      await look(page, `orders-${suffix}`, "/orders?list=all", 200);
      await look(page, `sites-${suffix}`, "/sites", 200);
      await look(page, `missing-${suffix}`, "/line?source=demo&contract=N000000000&line=00000000000", 404);
      if ((await page.getAttribute("html", "lang")) !== locale.slice(0, 2)) problems.push(`${suffix}: the page is in another language`);
      await page.context().close();
    }
  }
}
await browser.close();
for (const problem of problems) console.error(problem);
console.log(`${looked} pages looked at, ${problems.length} problems; screenshots in ${folder}`);
process.exitCode = problems.length ? 1 : 0;
