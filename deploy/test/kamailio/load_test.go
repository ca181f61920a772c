package kamailio_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/netns"
	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// How many calls a second SBCs ask about, and how long; one in ten is listed,
// and stands in the journal before it is answered.
const (
	listedRate   = 50
	unlistedRate = 450
	loadSeconds  = 5
)

// TestNoCallIsLostUnderLoad: SIPp asks the program itself, over each
// transport. What had to be sent again is told and not judged: the machine may
// be busy.
func TestNoCallIsLostUnderLoad(t *testing.T) {
	program := peer.Command(t, "sipp", peer.Everything)
	n := netns.Open(t)
	service := n.Serve(t, data(t, "sip302.yaml"))
	service.Run(t, "entry", "add", "+16505550123", "--label", "Meta call 1")
	service.Run(t, "line", "set", "support-us", "--number", "+18005550100", "--target", "number:+15125550123", "--limit-calls", "1000")
	for i, transport := range []string{"u1", "t1"} {
		t.Run(map[string]string{"u1": "UDP", "t1": "TCP"}[transport], func(t *testing.T) {
			for _, l := range []load{
				{sipp{n, program}, "+16505550123", 302, listedRate, 5090},
				{sipp{n, program}, "+442079460000", 404, unlistedRate, 5190},
			} {
				t.Run(strconv.Itoa(l.status), func(t *testing.T) {
					t.Parallel()
					l.run(t, transport)
				})
			}
		})
		// What was sent again is the transactions' own to answer.
		if got, want := lookups(t, n, service.URL), float64((i+1)*loadSeconds*(listedRate+unlistedRate)); got != want {
			t.Errorf("%v lookups were answered, want %v", got, want)
		}
	}
}

// load is an SBC that asks about one caller over and over.
type load struct {
	sipp   sipp
	caller string
	status int // that it must be told
	rate   int // a second
	port   int
}

// run holds every call of the load to get its answer, and no second one.
func (l load) run(t *testing.T, transport string) {
	t.Helper()
	template, err := os.ReadFile(data(t, "redirected.xml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	scenario, statistics := filepath.Join(dir, "scenario.xml"), filepath.Join(dir, "statistics.csv")
	if err := os.WriteFile(scenario, bytes.ReplaceAll(template, []byte("STATUS"), []byte(strconv.Itoa(l.status))), 0o600); err != nil {
		t.Fatal(err)
	}
	l.sipp.Run(t, nil, l.sipp.program, "-sf", scenario, "-key", "from", l.caller, "-t", transport,
		"-r", fmt.Sprint(l.rate), "-m", fmt.Sprint(l.rate*loadSeconds), "-l", "5000",
		"-i", "127.0.0.1", "-p", fmt.Sprint(l.port), "-mp", fmt.Sprint(4*l.port), "-nostdin", "-trace_stat", "-stf", statistics,
		"-timeout", "18s", "-timeout_error", fmt.Sprintf("127.0.0.1:%d", portOfSIP))
	l.check(t, statistics)
}

// check reads SIPp's statistics.
func (l load) check(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = ';', -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("SIPp wrote %q: %v", text, err)
	}
	last := map[string]string{}
	for i, name := range rows[0] {
		last[name] = rows[len(rows)-1][i]
	}
	t.Logf("%d calls told %d, at %s a second: %s retransmissions, answered after %s on average", l.rate*loadSeconds, l.status, last["CallRate(C)"], last["Retransmissions(C)"], last["ResponseTimeanswer(C)"])
	if want := fmt.Sprint(l.rate * loadSeconds); last["SuccessfulCall(C)"] != want || last["FailedCall(C)"] != "0" {
		t.Errorf("of %s calls %s were answered, %s failed", want, last["SuccessfulCall(C)"], last["FailedCall(C)"])
	}
}

var lookupsTotal = regexp.MustCompile(`(?m)^ringthrough_lookups_total\{hook="sbc",.*\} (\S+)$`)

// lookups is how many the program says to have answered at its hook.
func lookups(t *testing.T, n netns.Namespace, url string) float64 {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DialContext: n.Dial, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.
	for _, m := range lookupsTotal.FindAllSubmatch(text, -1) {
		v, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += v
	}
	return sum
}
