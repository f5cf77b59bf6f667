"""What strangers may write into their pages, hoping that ours runs it; each names the element or event that would."""

from __future__ import annotations

# Were it run, the document's root would bear this mark.
MARK = "data-taken"
_RUN = f"document.documentElement.setAttribute('{MARK}',1)"

_EVENTS = """
    <img src=x onerror={run}>|<svg onload={run}>|<body onload={run}>|<input autofocus onfocus={run}>
    <select autofocus onfocus={run}>|<textarea autofocus onfocus={run}>|<video src=x onerror={run}>
    <audio src=x onerror={run}>|<details open ontoggle={run}>|<marquee onstart={run}>x</marquee>
    <video><source onerror={run}></video>|<svg><animate onbegin={run} attributeName=x dur=1s>
    <svg><set onbegin={run} attributeName=x>|<object data=x onerror={run}>|<iframe onload={run}></iframe>
    <style onload={run}></style>|<link rel=stylesheet href=x onerror={run}>|<script src=x onerror={run}></script>
    <div onpointerover={run} style=position:fixed;inset:0>x</div>|<p onmouseover={run}>x</p>
    <a onclick={run} href=#>x</a>|<form onsubmit={run}><button>x</button></form>
    <img srcset=x onerror={run}>|<image src=x onerror={run}>|<svg/onload={run}>|<img/src=x/onerror={run}>
    <xss onanimationstart={run} style=animation:x>|<math><mtext></p><img src=x onerror={run}></math>
    <dialog open onclose={run}>x</dialog>|<body onhashchange={run}>|<frameset onload={run}>
    <table background=x onerror={run}>|<keygen autofocus onfocus={run}>|<isindex onfocus={run} autofocus>
"""
_PLAIN = """
    <script>{run}</script>|<SCRIPT>{run}</SCRIPT>|<script >{run}</script >|<scr<script>ipt>{run}</scr</script>ipt>
    <script/x>{run}</script>|<svg><script>{run}</script></svg>|<math><script>{run}</script></math>
    </title><script>{run}</script>|</textarea><script>{run}</script>|</style><script>{run}</script>
    </script><script>{run}</script>|</noscript><script>{run}</script>|--><script>{run}</script>
    ]]><script>{run}</script>|"><script>{run}</script>|'><script>{run}</script>|`><script>{run}</script>
    </a><script>{run}</script>|</svg><script>{run}</script>|</desc></svg><script>{run}</script>
    </option></select><script>{run}</script>|</mark><script>{run}</script>|</blockquote><script>{run}</script>
    <iframe srcdoc="<script>parent.{run}</script>"></iframe>|<iframe src="javascript:parent.{run}"></iframe>
    <object data="javascript:{run}"></object>|<embed src="javascript:{run}">|<base href="javascript:{run}//">
    <a href="javascript:{run}">x</a>|<a href="JaVaScRiPt:{run}">x</a>|<a href=" javascript:{run}">x</a>
    <form action="javascript:{run}"><button>x</button></form>|<button formaction="javascript:{run}">x</button>
    <meta http-equiv=refresh content="0;url=javascript:{run}">|<svg><a xlink:href="javascript:{run}">x</a></svg>
    <link rel=import href="data:text/html,<script>{run}</script>">|<style>@import 'javascript:{run}';</style>
    " onmouseover="{run}" x="|' onmouseover='{run}' x='|` onmouseover=`{run}` x=`|" autofocus onfocus="{run}
    {{{{ ''.__class__ }}}}|{{% include '/etc/passwd' %}}|${{{run}}}|<%= {run} %>|&lt;script&gt;{run}&lt;/script&gt;
    [x](javascript:{run})|[x]: javascript:{run}|![x](x"onerror="{run})|<javascript:{run}>
    <!--><script>{run}</script>-->|<![CDATA[<script>{run}</script>]]>|<?xml-stylesheet href="javascript:{run}"?>
    <noscript><p title="</noscript><img src=x onerror={run}>">|<template><script>{run}</script></template>
    javascript:{run}|data:text/html,<script>{run}</script>|vbscript:{run}
"""


def _split(table: str) -> list[str]:
    return [
        payload.format(run=_RUN) for line in table.strip().splitlines() for payload in line.strip().split("|")
    ]


PAYLOADS = [*_split(_EVENTS), *_split(_PLAIN), f"\ufeff<\u200bscript>{_RUN}</script>", "\u202e<script>"]
ADDRESSES = [
    f"javascript:{_RUN}", f"JAVASCRIPT:{_RUN}", f"java\tscript:{_RUN}", f" javascript:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    f"vbscript:{_RUN}", f'https://shop.example/"onmouseover="{_RUN}', f"https://shop.example/'><script>{_RUN}</script>",
    "https://trusted.example@evil.example/", "//evil.example/", "https://[::1", "file:///etc/passwd",
]  # fmt: skip
