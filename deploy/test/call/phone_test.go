package call_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/call/sound"
	"github.com/ringthrough/ringthrough/deploy/test/netns"
)

// What baresip tells of a call.
const (
	incoming    = "CALL_INCOMING" // not where baresip answers by itself
	ringing     = "CALL_RINGING"  // 180 came
	progress    = "CALL_PROGRESS" // 183 came, with sound before the answer
	established = "CALL_ESTABLISHED"
	closed      = "CALL_CLOSED"
)

// phone is a baresip. It says what is in a file, from the moment that a call
// is answered, and hangs up at the end of it; what it hears it writes to
// another.
type phone struct {
	name    string
	program string
	port    int // of SIP; the ports for its control and for sound follow from it

	folder  string
	process *netns.Process
	control *control
}

// configuration is baresip's. Sound needs no more than files, and no card. A
// jitter buffer that may grow loses nothing where the machine is busy.
const configuration = `sip_listen 127.0.0.1:%[1]d
net_interface 127.0.0.1
ctrl_tcp_listen 127.0.0.1:%[2]d
rtp_ports %[3]d-%[4]d
jitter_buffer_delay 1-100
audio_source aufile,%[5]s/says.wav
ausrc_srate 8000
snd_path %[5]s/heard
ringback_disabled yes
statmode_default off
module_path /usr/lib/baresip/modules
module g711.so
module sndfile.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
`

// startPhone starts p, which says a thing, and is known by its accounts.
func startPhone(t *testing.T, n netns.Namespace, p phone, says sound.Sound, accounts []string) *phone {
	t.Helper()
	p.folder = t.TempDir()
	controlPort, firstPort := p.port+1000, 20*p.port-80000
	files := map[string]string{
		"config":   fmt.Sprintf(configuration, p.port, controlPort, firstPort, firstPort+19, p.folder),
		"accounts": strings.Join(accounts, "\n") + "\n",
		"contacts": "",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(says.Write(filepath.Join(p.folder, "says.wav")), os.Mkdir(filepath.Join(p.folder, "heard"), 0o700)); err != nil {
		t.Fatal(err)
	}
	p.process = n.Start(t, p.name, nil, p.program, "-f", p.folder)
	p.process.AwaitUDP(t, p.port)
	p.process.Await(t, "its control", func() bool {
		conn, err := n.Dial(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", controlPort))
		if err == nil {
			p.control = openControl(t, conn)
		}
		return err == nil
	})
	return &p
}

// dial calls a number through the proxy at a port, and gives the time just
// before.
func (p *phone) dial(t *testing.T, number string, proxy int) time.Time {
	t.Helper()
	began := time.Now()
	p.command(t, "dial", fmt.Sprintf("sip:%s@127.0.0.1:%d", number, proxy))
	return began
}

// command gives one of baresip's commands, which must be accepted.
func (p *phone) command(t *testing.T, name, params string) {
	t.Helper()
	token := p.control.send(t, name, params)
	p.process.Await(t, "an answer to "+name, func() bool { return p.control.answered(t, token) })
}

func (p *phone) await(t *testing.T, event string) {
	t.Helper()
	p.process.Await(t, event, func() bool { return p.control.saw(event) })
}

// when is when an event came that was awaited.
func (p *phone) when(event string) time.Time {
	return p.control.at(event)
}

func (p *phone) never(t *testing.T, event string) {
	t.Helper()
	if p.control.saw(event) {
		t.Errorf("%s saw %s", p.name, event)
	}
}

// quietFor lets some time pass, in which none of the events may come.
func (p *phone) quietFor(t *testing.T, d time.Duration, events ...string) {
	t.Helper()
	over := time.Now().Add(d)
	p.process.Await(t, "the end of a moment", func() bool {
		return time.Now().After(over) || slices.ContainsFunc(events, p.control.saw)
	})
	for _, e := range events {
		p.never(t, e)
	}
}

// forget makes the phone as if it had never been in a call.
func (p *phone) forget(t *testing.T) {
	t.Helper()
	p.control.forget()
	for _, path := range p.files(t, "*.wav") {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *phone) files(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(p.folder, "heard", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// listen waits until the phone has heard so much of a call.
func (p *phone) listen(t *testing.T, d time.Duration) {
	t.Helper()
	p.process.Await(t, fmt.Sprintf("%v of sound", d), func() bool {
		paths := p.files(t, "*-dec.wav")
		if len(paths) == 0 {
			return false
		}
		info, err := os.Stat(paths[0])
		return err == nil && info.Size() >= int64(d.Seconds()*2*sound.Rate)
	})
}

func (p *phone) hasHeardNothing(t *testing.T) {
	t.Helper()
	if paths := p.files(t, "*"); len(paths) > 0 {
		t.Errorf("%s has a recording: %v", p.name, paths)
	}
}

// ear is what was heard in the call that is over.
func (p *phone) ear(t *testing.T) sound.Sound {
	t.Helper()
	var heard sound.Sound
	p.process.Await(t, "a recording", func() bool {
		paths := p.files(t, "*-dec.wav")
		if len(paths) != 1 {
			return false
		}
		var err error
		heard, err = sound.Read(paths[0])
		if err != nil && !errors.Is(err, sound.ErrUnfinished) {
			t.Fatal(err)
		}
		return err == nil
	})
	return heard
}
