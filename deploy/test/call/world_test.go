package call_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/call/sound"
	"github.com/ringthrough/ringthrough/deploy/test/netns"
	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// Who is at which port. A baresip takes the next one too, for TLS.
const (
	proxyPort      = 5060
	ivrOnlyPort    = 5062
	personOnlyPort = 5064
	personPort     = 5070
	colleaguePort  = 5072
	ivrPort        = 5080
	botPort        = 5090
	customerPort   = 5092
)

const person = "+15125550123"

// world is everything that runs, and what is said in it.
type world struct {
	service   netns.Service
	bot       *phone
	customer  *phone
	person    *phone
	colleague *phone
	ivr       *phone
	readings  []sound.Sound
	greeting  sound.Sound
}

func openWorld(t *testing.T) *world {
	t.Helper()
	baresip := peer.Command(t, "baresip", peer.Everything)
	peer.Command(t, "kamailio", peer.Everything)
	v := voice{peer.Command(t, "espeak-ng", peer.Everything)}
	n := netns.Open(t)
	w := &world{greeting: v.say(t, 40, "Welcome. For sales, press one."), readings: v.readCode(t)}
	code, silence := sound.Sound(nil), sound.Silence(time.Minute)
	for _, reading := range w.readings {
		code = sound.Join(code, reading, sound.Silence(700*time.Millisecond))
	}
	start := func(name string, port int, says sound.Sound, accounts ...string) *phone {
		return startPhone(t, n, phone{name: name, program: baresip, port: port}, says, accounts)
	}
	w.bot = start("bot", botPort, code, "<sip:+16505550123@127.0.0.1>;regint=0")
	w.customer = start("customer", customerPort, silence, "<sip:+442079460000@127.0.0.1>;regint=0")
	w.person = start("person", personPort, silence, "<sip:"+person+"@127.0.0.1>;regint=0")
	w.colleague = start("colleague", colleaguePort, silence, "<sip:colleague@127.0.0.1>;regint=0")
	w.ivr = start("ivr", ivrPort, sound.Join(sound.Silence(breath), w.greeting, silence), "<sip:"+support+"@127.0.0.1>;regint=0;answermode=auto")
	w.service = n.Serve(t, filepath.Join("testdata", "ringthrough.yaml"))
	w.fillList(t)
	w.startProxies(t, n)
	return w
}

func (w *world) fillList(t *testing.T) {
	t.Helper()
	w.service.Run(t, "entry", "add", "+16505550123", "--label", "Meta call 1")
	first, second := "number:"+person, fmt.Sprintf("sip:colleague@127.0.0.1:%d", colleaguePort)
	w.service.Run(t, "line", "set", "support-us", "--number", support, "--target", first, "--target", second)
	w.service.Run(t, "line", "set", "redialed", "--number", redialed, "--target", first, "--target", second)
	w.service.Run(t, "line", "set", "single", "--number", single, "--target", first, "--limit-calls", "1000")
}

// startProxies starts the Kamailio that asks, and two that differ from it in
// that alone: they send everybody to the IVR, or to the person.
func (w *world) startProxies(t *testing.T, n netns.Namespace) {
	t.Helper()
	at := func(port int) string { return fmt.Sprintf("sip:127.0.0.1:%d", port) }
	token := w.service.Run(t, "token", "create", "--role", "lookup", "--name", "kamailio")
	n.Kamailio(t, netns.Proxy{Name: "kamailio", Port: proxyPort, IVR: at(ivrPort), Ask: w.service.URL + "/v1/lookup/kamailio", Token: token})
	unasking := unaskingScript(t)
	n.Kamailio(t, netns.Proxy{Name: "kamailio to the IVR", Config: unasking, Port: ivrOnlyPort, IVR: at(ivrPort)})
	n.Kamailio(t, netns.Proxy{Name: "kamailio to the person", Config: unasking, Port: personOnlyPort, IVR: at(personPort)})
}

// unaskingScript is the script that is shipped, without the question.
func unaskingScript(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(netns.ShippedScript(t))
	if err != nil {
		t.Fatal(err)
	}
	const question = "if (route(ASK)) {"
	if strings.Count(string(script), question) != 1 {
		t.Fatalf("the script that is shipped doesn't ask once, by %s", question)
	}
	path := filepath.Join(t.TempDir(), "unasking.cfg")
	if err := os.WriteFile(path, []byte(strings.Replace(string(script), question, "if (0) {", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// begin forgets what was heard and what happened.
func (w *world) begin(t *testing.T) {
	t.Helper()
	for _, p := range []*phone{w.bot, w.customer, w.person, w.colleague, w.ivr} {
		p.forget(t)
	}
}

// hangUp ends a call at one end, and waits until both know.
func (w *world) hangUp(t *testing.T, one, other *phone) {
	t.Helper()
	one.command(t, "hangup", "")
	one.await(t, closed)
	other.await(t, closed)
}
