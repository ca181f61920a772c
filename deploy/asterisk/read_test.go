package asterisk_test

import (
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// channel is a call that is led through a dialplan.
type channel struct {
	t         *testing.T
	plan      dialplan
	variables map[string]string
	options   map[string]string // of CURL
	outcomes  []string          // of each Dial and Queue, in order: DIALSTATUS or QUEUESTATUS
	did       []string          // what was dialled, and where the call went
}

// place is where a channel is.
type place struct {
	context, extension string
	at                 int
}

// run leads the channel on from a place until it hangs up, leaves the dialplan,
// or returns from what was called last.
func (c *channel) run(p place) (hungUp bool) {
	c.t.Helper()
	for range 100 {
		steps := c.plan[p.context][p.extension]
		if p.at >= len(steps) {
			return false
		}
		s := steps[p.at]
		p.at++
		args := c.expand(s.args)
		switch s.app {
		case "Set":
			c.set(args)
		case "ExecIf":
			c.execIf(args)
		case "GotoIf", "Goto":
			if to, ok := target(s.app, args); ok {
				p = c.find(p, to)
			}
		case "Gosub":
			if c.gosub(p, args) {
				return true
			}
		case "Return":
			return false
		case "Hangup":
			return true
		case "Dial", "Queue":
			if c.ring(s.app, args) {
				return true
			}
		default:
			c.did = append(c.did, s.app)
			return false
		}
	}
	c.t.Fatal("the dialplan goes round in circles")
	return true
}

func (c *channel) set(args string) {
	name, value, _ := strings.Cut(args, "=")
	if option, ok := strings.CutPrefix(name, "CURLOPT("); ok {
		c.options[strings.TrimSuffix(option, ")")] = value
		return
	}
	c.variables[name] = value
}

func (c *channel) execIf(args string) {
	condition, action, _ := strings.Cut(args, "?")
	if m := call.FindStringSubmatch(action); condition == "1" && m != nil && m[1] == "Set" {
		c.set(m[2])
	}
}

// target is where a Goto goes, and a GotoIf whose condition holds.
func target(app, args string) (string, bool) {
	if app == "Goto" {
		return args, true
	}
	condition, to, _ := strings.Cut(args, "?")
	return to, condition == "1"
}

// gosub runs s(ARG1) or a place, and reports whether the call ended there.
func (c *channel) gosub(from place, args string) bool {
	c.t.Helper()
	to, argument, has := strings.Cut(args, "(")
	if has {
		c.variables["ARG1"] = strings.TrimSuffix(argument, ")")
	}
	return c.run(c.find(from, to))
}

// find is the place called label, extension,priority or context,extension,priority.
func (c *channel) find(from place, name string) place {
	c.t.Helper()
	parts := strings.Split(name, ",")
	p, last := from, parts[len(parts)-1]
	switch len(parts) {
	case 3:
		p.context, p.extension = parts[0], parts[1]
	case 2:
		p.extension = parts[0]
	}
	if c.plan[p.context][p.extension] == nil {
		p.extension = matching(c.plan[p.context])
	}
	for i, s := range c.plan[p.context][p.extension] {
		if s.label == last || i == 0 && last == "1" {
			p.at = i
			return p
		}
	}
	c.t.Fatalf("there is no %s", name)
	return place{}
}

// matching is the pattern of a context, which takes any number in these files.
func matching(extensions map[string][]step) string {
	for name := range extensions {
		if strings.HasPrefix(name, "_") {
			return name
		}
	}
	return ""
}

// ring plays a Dial or Queue whose outcome the test has said, and reports
// whether the caller hung up meanwhile.
func (c *channel) ring(app, args string) bool {
	c.t.Helper()
	c.did = append(c.did, app+"("+args+")")
	if len(c.outcomes) == 0 {
		c.t.Fatalf("nobody was to ring: %s(%s)", app, args)
	}
	outcome := c.outcomes[0]
	c.outcomes = c.outcomes[1:]
	if app == "Queue" {
		c.variables["QUEUESTATUS"] = outcome
		return outcome == "CANCEL"
	}
	c.variables["DIALSTATUS"] = outcome
	if outcome == "ANSWER" {
		c.variables["ANSWEREDTIME"] = "42"
	}
	return outcome == "CANCEL"
}

// expand substitutes ${...} and $[...] from the inside out.
func (c *channel) expand(text string) string {
	c.t.Helper()
	for {
		from := max(strings.LastIndex(text, "${"), strings.LastIndex(text, "$["))
		if from < 0 {
			return text
		}
		inner := text[from+2:]
		length := ending(inner, text[from+1])
		var value string
		if text[from+1] == '[' {
			value = compare(c.t, inner[:length])
		} else {
			value = c.value(inner[:length])
		}
		text = text[:from] + escaped(value) + inner[length+1:]
		if !strings.Contains(text, "$") {
			return unescaped(text)
		}
	}
}

// What is put in is not looked at again, whatever stands in it.
func escaped(s string) string {
	return strings.NewReplacer("$", "\x01", "[", "\x02", "]", "\x03", "{", "\x04", "}", "\x05").Replace(s)
}
func unescaped(s string) string {
	return strings.NewReplacer("\x01", "$", "\x02", "[", "\x03", "]", "\x04", "{", "\x05", "}").Replace(s)
}

func ending(inner string, opened byte) int {
	return strings.IndexByte(inner, map[byte]byte{'{': '}', '[': ']'}[opened])
}

// compare is "a" = "b", the one expression of these files. With another quote in
// it Asterisk complains, and holds it for false.
func compare(t *testing.T, expression string) string {
	t.Helper()
	left, right, ok := strings.Cut(expression, " = ")
	if !ok || !strings.HasPrefix(left, `"`) || !strings.HasSuffix(right, `"`) {
		t.Fatalf("$[%s] is no comparison", expression)
	}
	if left == right && strings.Count(left, `"`) == 2 {
		return "1"
	}
	return "0"
}

// value is a variable, or what a function gives, from an offset on if it has
// one.
func (c *channel) value(inner string) string {
	c.t.Helper()
	inner = unescaped(inner)
	name, rest, function := strings.Cut(inner, "(")
	if !function {
		return c.variables[inner]
	}
	end := strings.LastIndexByte(rest, ')')
	value := c.function(name, rest[:end])
	if offset, err := strconv.Atoi(strings.TrimPrefix(rest[end+1:], ":")); err == nil {
		return value[min(offset, len(value)):]
	}
	return value
}

func (c *channel) function(name, args string) string {
	c.t.Helper()
	switch name {
	case "CALLERID", "DB":
		return c.variables[name+"("+args+")"]
	case "URIENCODE":
		return encode(args)
	case "URIDECODE":
		decoded, _ := url.PathUnescape(args)
		return decoded
	case "CUT":
		return c.cut(args)
	case "FILTER":
		allowed, value, _ := strings.Cut(args, ",")
		return filter(allowed, value)
	case "IF":
		yes, no, _ := strings.Cut(args[strings.IndexByte(args, '?')+1:], ":")
		if strings.HasPrefix(args, "1?") {
			return yes
		}
		return no
	case "CURL":
		return c.curl(args)
	}
	c.t.Fatalf("no function %s is known", name)
	return ""
}

func (c *channel) cut(args string) string {
	c.t.Helper()
	part := strings.Split(args, ",")
	number, err := strconv.Atoi(part[2])
	if err != nil {
		c.t.Fatalf("CUT(%s): %v", args, err)
	}
	if fields := strings.Split(c.variables[part[0]], part[1]); number <= len(fields) {
		return fields[number-1]
	}
	return ""
}

// encode leaves what ast_uri_http leaves: letters, digits and the marks of RFC
// 2396.
func encode(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if strings.IndexByte("-_.!~*'()", c) >= 0 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' {
			b.WriteByte(c)
			continue
		}
		b.WriteString("%" + strings.ToUpper(strconv.FormatInt(0x100|int64(c), 16)[1:]))
	}
	return b.String()
}

// filter takes single characters and ranges; a hyphen that comes first is
// itself.
func filter(allowed, value string) string {
	keep := map[byte]bool{}
	for i := 0; i < len(allowed); i++ {
		if i+2 < len(allowed) && allowed[i+1] == '-' {
			for c := allowed[i]; c <= allowed[i+2]; c++ {
				keep[c] = true
			}
			i += 2
			continue
		}
		keep[allowed[i]] = true
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 && keep[byte(r)] {
			return r
		}
		return -1
	}, value)
}

// curl has the real libcurl ask, with the options that were set; but for the
// timeouts, which a busy machine of tests would break.
func (c *channel) curl(args string) string {
	c.t.Helper()
	address, body, post := strings.Cut(args, ",")
	if c.options["conntimeout"] != "1" || c.options["httptimeout"] != "2" {
		c.t.Errorf("CURL is asked with %v", c.options)
	}
	command := []string{"-s", "-A", "asterisk-libcurl-agent/1.0", "--max-time", "30", "-u", c.options["userpwd"], address}
	if post {
		command = append(command, "--data-raw", body)
	}
	out, _ := exec.CommandContext(c.t.Context(), peer.Command(c.t, "curl", peer.Everything), command...).Output() // nothing is what Asterisk gets of an error, too
	return strings.TrimRight(string(out), " \t\r\n")
}
