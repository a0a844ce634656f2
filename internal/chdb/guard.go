package chdb

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
)

// guard is the part of config.xml that says to whom HTTP answers. A page open in some browser on this machine can send
// requests here too, with the password that the browser remembers: pages of another origin are refused, and so, on
// loopback, are names that an attacker's DNS points here. Rules are tried in order, each condition matches the whole of
// its header, "" where there is none, and what no rule lets through is refused.
func (c Config) guard() string {
	host, port, _ := net.SplitHostPort(c.Listen) // server has looked at it
	friend := header("Sec-Fetch-Site", "(none|same-origin)?")
	if address, err := netip.ParseAddr(host); host == "localhost" || err == nil && address.IsLoopback() {
		friend += header("Host", `(?i)(127\.[0-9.]+|\[::1\]|([a-z0-9-]+\.)*localhost\.?)(:[0-9]+)?`)
	}
	own := friend + header("Origin", "https?://("+regexp.QuoteMeta(c.Listen)+"|localhost:"+port+")")
	friend += header("Origin", "")
	root := element("url", "/")
	rules := rule(own, root, query())
	for _, page := range []string{"ping", "replicas_status", "play"} {
		rules += rule(friend, element("url", "/"+page)+element("methods", "GET,HEAD"), element("type", page))
	}
	rules += rule(friend, root+element("methods", "GET,HEAD")+nested("empty_query_string", ""), static(200, "Ok.\n"))
	rules += rule(friend, root, query()) // who gives no password is "default", and may do nothing
	const foreign = "requests from web pages of another origin are refused\n"
	rules += rule(header("Origin", ".+"), "", static(403, foreign)) + rule(header("Sec-Fetch-Site", "(cross|same)-site"), "", static(403, foreign))
	return nested("http_handlers", rules+
		rule("", "", static(403, "there is nothing here but /, /play, /ping and /replicas_status, under the name localhost or an address\n")))
}

// rule is one of http_handlers: a request with these headers that meets these conditions gets this handler.
func rule(headers, conditions, handler string) string {
	if headers != "" {
		headers = nested("headers", headers)
	}
	return nested("rule", headers+conditions+nested("handler", handler))
}

func header(name, pattern string) string { return element(name, "regex:"+pattern) }

func query() string {
	return element("type", "dynamic_query_handler") + element("query_param_name", "query")
}

func static(status int, text string) string {
	return element("type", "static") + element("status", strconv.Itoa(status)) +
		element("content_type", "text/plain; charset=UTF-8") + element("response_content", text)
}
