package kube

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pinned are images that are the same tomorrow: a version or a digest.
var pinned = regexp.MustCompile(`^[^@]+(:v?[0-9][\w.-]*|@sha256:[0-9a-f]{64})$`)

// Hardened fails a test where a pod may do more than it needs to, or may run
// something else tomorrow.
func (m Manifests) Hardened(t testing.TB) {
	t.Helper()
	workload, _ := m.Workload(t)
	pods := map[string]Pod{workload.Kind: workload.Spec.Template.Spec}
	for _, o := range m.Kind("Pod") {
		pods[o.Metadata.Name] = o.Spec.Pod
	}
	for name, pod := range pods {
		if pod.Token == nil || *pod.Token || !pod.Security.NonRoot || pod.Security.Seccomp.Type != "RuntimeDefault" {
			t.Errorf("%s: the pod isn't hardened: %+v", name, pod.Security)
		}
		for _, c := range pod.Containers {
			c.hardened(t, name)
		}
	}
}

func (c Container) hardened(t testing.TB, pod string) {
	t.Helper()
	if !pinned.MatchString(c.Image) {
		t.Errorf("%s: the image %s is not pinned to a version", pod, c.Image)
	}
	s := c.Security
	if s.Escalation == nil || *s.Escalation || !s.ReadOnly || !slices.Equal(s.Caps.Drop, []string{"ALL"}) {
		t.Errorf("%s: the container isn't hardened: %+v", pod, s)
	}
}

// drain is the setting that a configuration file holds.
var drain = regexp.MustCompile(`(?m)^drain_delay: (\d+)s$`)

// stopping is what ringthrough itself takes at most when it stops, after the
// drain: 15 s for requests under way and 15 s for the journal.
const stopping = 30

// Drains fails a test where a pod is killed before it has drained.
func (m Manifests) Drains(t testing.TB) {
	t.Helper()
	o, _ := m.Workload(t)
	found := drain.FindStringSubmatch(m.Config(t))
	if found == nil {
		t.Fatal("the configuration has no drain_delay")
	}
	seconds, err := strconv.Atoi(found[1])
	if grace := o.Spec.Template.Spec.Grace; err != nil || grace <= seconds+stopping {
		t.Errorf("a pod is killed after %d s; a drain of %s s and a stop of %d s may take longer", grace, found[1], stopping)
	}
}

// Config is ringthrough's configuration file.
func (m Manifests) Config(t testing.TB) string {
	t.Helper()
	for name, text := range m.One(t, "ConfigMap").Data {
		if _, c := m.Workload(t); slices.ContainsFunc(c.Args, func(arg string) bool { return strings.HasSuffix(arg, "/"+name) }) {
			return text
		}
	}
	t.Fatal("no file of the ConfigMap is given with --config")
	return ""
}
