package kamailio_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/netns"
)

// sipp is SIPp in the network of the test.
type sipp struct {
	netns.Namespace
	program string
}

// farEnd is a SIPp that takes calls and writes down every message.
type farEnd struct {
	process  *netns.Process
	messages string // the file
}

// answer starts a far end that does what scenario says.
func (s sipp) answer(t *testing.T, name string, port int, scenario ...string) farEnd {
	t.Helper()
	e := farEnd{messages: filepath.Join(t.TempDir(), name+".messages")}
	e.process = s.Start(t, name, nil, s.program, append(scenario, "-i", "127.0.0.1", "-p", fmt.Sprint(port),
		"-mp", fmt.Sprint(4*port), "-nostdin", "-trace_msg", "-message_file", e.messages)...)
	e.process.AwaitUDP(t, port)
	return e
}

var invite = regexp.MustCompile(`(?m)^INVITE sip:`)

// invited reports whether the far end got the INVITE of a call.
func (e farEnd) invited(t *testing.T, callID string) bool {
	t.Helper()
	messages, err := os.ReadFile(e.messages)
	if os.IsNotExist(err) {
		return false // nobody has called it
	}
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(bytes.Split(messages, []byte("-----------------------------------------------")), func(m []byte) bool {
		return bytes.Contains(m, []byte("UDP message received")) && invite.Match(m) && bytes.Contains(m, []byte("Call-ID: "+callID+"\r\n"))
	})
}

// call makes one call, talks, hangs up, and holds it to have come to the far
// ends in want and to no other. Its Call-ID would be fields of its own if the
// proxy didn't escape it, and the lookup be refused.
func (w *world) call(t *testing.T, from, dialled, header string, want []string) {
	t.Helper()
	w.calls++
	callID := fmt.Sprintf("call-%d'&ani=+442079460000@127.0.0.1", w.calls)
	if header == "" {
		header = "Subject: a call"
	}
	w.sipp.Run(t, nil, w.sipp.program, "-sf", data(t, "caller.xml"), "-m", "1", "-s", dialled,
		"-key", "from", from, "-key", "header", header, "-cid_str", callID,
		"-i", "127.0.0.1", "-p", fmt.Sprint(callerPort), "-nostdin", "-timeout", "15s", "-timeout_error", fmt.Sprintf("127.0.0.1:%d", proxyPort))
	for _, name := range want {
		e := w.ends[name]
		e.process.Await(t, "the INVITE of "+callID+" at "+name, func() bool { return e.invited(t, callID) })
	}
	for name, e := range w.ends {
		if e.invited(t, callID) && !slices.Contains(want, name) {
			t.Errorf("%s got the INVITE too, want %s", name, strings.Join(want, ", then "))
		}
	}
}
