// Draws messages as Slack or Discord show them, about, so that people can look at what the
// adapters send. It prints the height of each message in pixels.
//
//	node .ci/draw/draw.mjs PLATFORM WIDTH OUT.png FILE.json...
//
// The files are those of adapters/*/testdata/messages. Needs Debian's chromium.
import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'

const [platform, width, out, ...files] = process.argv.slice(2)
if (!files.length) {
	console.error('usage: draw.mjs slack|discord WIDTH OUT.png FILE.json...')
	process.exit(2)
}

const escape = s => String(s).replace(/[&<>]/g, c => ({'&': '&amp;', '<': '&lt;', '>': '&gt;'})[c])
const lines = s => escape(s).replace(/\n/g, '<br>')

// Slack's Block Kit (docs.slack.dev/reference/block-kit).
const mrkdwn = s => s.replace(/<([^|>]+)\|([^>]+)>/g, '<a>$2</a>').replace(/<((?:https?|mailto)[^>]+)>/g, '<a>$1</a>')
	.replace(/\*([^*\n]+)\*/g, '<b>$1</b>').replace(/\n/g, '<br>')
const object = t => t.type === 'mrkdwn' ? mrkdwn(t.text) : lines(t.text)
const span = e => {
	if (e.type === 'link') return `<a>${escape(e.text ?? e.url)}</a>`
	if (e.type === 'user') return `<a>@${escape(e.user_id)}</a>`
	const s = lines(e.text ?? '')
	return e.style?.bold ? `<b>${s}</b>` : e.style?.italic ? `<i>${s}</i>` : e.style?.code ? `<code>${s}</code>` : s
}
const rich = e => {
	const inner = (e.elements ?? []).map(e.type === 'rich_text_list' ? x => `<li>${rich(x)}</li>` : span).join('')
	if (e.type === 'rich_text_quote') return `<blockquote>${inner}</blockquote>`
	if (e.type === 'rich_text_preformatted') return `<pre>${inner}</pre>`
	return e.type === 'rich_text_list' ? `<ul>${inner}</ul>` : `<p>${inner}</p>`
}
const control = e => e.type === 'button' ? `<button class="${e.style ?? ''}">${escape(e.text.text)}</button>`
	: `<select><option>${escape(e.placeholder?.text ?? '')}</option></select>`
const block = b => ({
	header: () => `<h3>${lines(b.text.text)}</h3>`,
	divider: () => '<hr>',
	rich_text: () => b.elements.map(rich).join(''),
	section: () => `<div class="section"><div class="text">${b.text ? object(b.text) : ''}${
		b.fields ? `<div class="fields">${b.fields.map(f => `<div>${object(f)}</div>`).join('')}</div>` : ''
	}</div>${b.accessory ? control(b.accessory) : ''}</div>`,
	actions: () => `<div class="actions">${b.elements.map(control).join('')}</div>`,
	context: () => `<div class="context">${b.elements.map(object).join(' ')}</div>`,
	input: () => `<label>${escape(b.label.text)}<input></label>`,
})[b.type]()

// Discord's messages (discord.com/developers/docs/resources/message).
const markdown = s => s.split(/^```\n([^]*?)```$/m).map((part, i) => i % 2 ? `<pre>${escape(part)}</pre>` : inline(part)).join('')
const inline = s => lines(s).replace(/\\([\\*_~`|>#<:[\]().@-])/g, '$1').replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
	.replace(/\[([^\]]+)\]\(&lt;([^)]+)&gt;\)/g, '<a>$1</a>').replace(/(^|<br>)&gt; ([^<]*)/g, '$1<q>$2</q>')
const part = c => c.type === 3 ? `<select><option>${escape(c.placeholder ?? '')}</option></select>`
	: `<button class="s${c.style}">${escape([c.emoji?.name, c.label].filter(Boolean).join(' '))}</button>`
const embed = e => `<div class="embed">${e.title ? `<h3>${e.url ? `<a>${markdown(e.title)}</a>` : markdown(e.title)}</h3>` : ''}
	<div>${markdown(e.description ?? '')}</div>
	<div class="fields">${(e.fields ?? []).map(f => `<div class="${f.inline ? 'inline' : 'wide'}"><b>${
	markdown(f.name)}</b><br>${markdown(f.value)}</div>`).join('')}</div>
	${e.footer ? `<div class="context">${escape(e.footer.text)}</div>` : ''}</div>`
const form = f => `<div class="form"><h3>${escape(f.title)}</h3>${f.components.map(({label, component: c}) =>
	`<label>${escape(label)}${c.required ? ' *' : ''}${c.type === 3
		? `<select><option>${escape((c.options.find(o => o.default) ?? {label: c.placeholder ?? ''}).label)}</option></select>`
		: `<textarea rows="${c.style === 2 ? 3 : 1}" placeholder="${escape(c.placeholder ?? '')}">${escape(c.value ?? '')}</textarea>`
	}</label>`).join('')}<div class="actions"><button>Cancel</button><button class="s1">Submit</button></div></div>`

const draw = {
	slack: m => (m.blocks ?? []).map(block).join(''),
	discord: m => m.title ? form(m) : `${m.content ? `<p>${markdown(m.content)}</p>` : ''}${(m.embeds ?? []).map(embed).join('')}${
		(m.components ?? []).map(r => `<div class="actions">${r.components.map(part).join('')}</div>`).join('')}`,
}[platform]

const style = {
	slack: `body{font:15px/1.46 Lato,"Helvetica Neue",Arial,sans-serif;color:#1d1c1d;background:#fff}
		a{color:#1264a3} button,select{font:bold 13px Arial;height:28px;border:1px solid #bbb;border-radius:4px;background:#fff}
		blockquote{border-left:4px solid #ddd} .context{color:#616061;font-size:12px}`,
	discord: `body{font:16px/1.375 "gg sans","Noto Sans",Arial,sans-serif;color:#dbdee1;background:#313338}
		a{color:#00a8fc} button{font:500 14px Arial;min-height:32px;border:0;border-radius:8px;color:#fff;background:#4e5058}
		button.s1{background:#5865f2} select{height:40px;background:#1e1f22;color:#949ba4;border:0;border-radius:4px;width:100%;max-width:400px}
		.embed{background:#2b2d31;border-left:4px solid #4a90d9;border-radius:4px;padding:8px 12px;font-size:14px;max-width:516px}
		.form{background:#242429;border-radius:8px;padding:12px} label{display:block;margin:8px 0;font-size:14px}
		textarea{width:100%;background:#1e1f22;color:#dbdee1;border:1px solid #4e5058;border-radius:8px;padding:8px;font:14px Arial}
		pre{background:#1e1f22;border-radius:4px;padding:6px;font-size:12px;overflow-wrap:anywhere;white-space:pre-wrap}
		.context{color:#b5bac1;font-size:12px} q{border-left:4px solid #4e5058;padding-left:8px;quotes:none}`,
}[platform]

const page = `<!doctype html><meta charset="utf-8"><style>*{box-sizing:border-box}${style}
	body{margin:0;padding:12px;width:${width}px} p,h3,ul,blockquote,hr,pre{margin:4px 0} blockquote{margin-left:0;padding-left:12px}
	.message{padding:4px 0;margin-bottom:20px} .name{font-size:11px;opacity:.6} ul{padding-left:22px}
	.section{display:flex;gap:12px;margin:6px 0} .section .text{flex:1;overflow-wrap:anywhere}
	.fields{display:grid;grid-template-columns:repeat(${width < 500 ? 1 : platform === 'slack' ? 2 : 3},1fr);gap:8px;margin-top:4px} .wide{grid-column:1/-1}
	.actions{display:flex;flex-wrap:wrap;gap:8px;margin:6px 0} button{padding:0 12px;max-width:100%;text-align:left}
	.context{margin:6px 0}</style>
	${files.map(f => `<div class="name">${escape(basename(f, '.json'))}</div>
	<div class="message" data-name="${escape(basename(f, '.json'))}">${draw(JSON.parse(readFileSync(f, 'utf8')))}</div>`).join('\n')}
	<script>document.title = [...document.querySelectorAll('.message')]
	.map(m => m.dataset.name + ' ' + Math.round(m.getBoundingClientRect().height - 8)).join(', ') + ' total ' + document.body.scrollHeight</script>`

const folder = mkdtempSync(join(tmpdir(), 'draw-'))
const html = join(folder, 'page.html')
writeFileSync(html, page)
const chromium = (...flags) => execFileSync('chromium',
	['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', ...flags, 'file://' + html],
	{stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8'})
const title = /<title>(.*?)<\/title>/s.exec(chromium('--dump-dom', `--window-size=${width},800`))?.[1] ?? ''
const height = Number(/total (\d+)/.exec(title)?.[1] ?? 2000)
chromium(`--screenshot=${out}`, `--window-size=${width},${height}`)
rmSync(folder, {recursive: true})
console.log(title)
