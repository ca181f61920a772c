package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Agree fails a test where something that an object names isn't there. outside
// are the secrets that somebody else makes, as Secret/NAME: each must be used.
func (m Manifests) Agree(t testing.TB, outside ...string) {
	t.Helper()
	m.selectorsAgree(t)
	m.portsAgree(t)
	m.backendsAgree(t)
	m.volumesAgree(t)
	m.namesAgree(t, outside)
}

// selectorsAgree holds every selector to the labels of the pods.
func (m Manifests) selectorsAgree(t testing.TB) {
	t.Helper()
	workload, _ := m.Workload(t)
	for _, o := range m.Objects {
		labels := workload.Spec.Template.Metadata.Labels
		if o.Kind == "ServiceMonitor" {
			labels = m.admin(t).Metadata.Labels
		}
		if chosen, asks := o.selector(); asks && (len(chosen) == 0 || !within(chosen, labels)) {
			t.Errorf("%s %s selects %v, and the labels are %v", o.Kind, o.Metadata.Name, chosen, labels)
		}
	}
	for _, pod := range m.Kind("Pod") {
		if chosen, _ := workload.selector(); within(chosen, pod.Metadata.Labels) {
			t.Errorf("the pod %s would be taken for one of %s", pod.Metadata.Name, workload.Metadata.Name)
		}
	}
}

// selector is what an object selects by, and whether it selects at all.
func (o Object) selector() (map[string]string, bool) {
	chosen := o.Spec.Selector
	if chosen == nil {
		chosen = o.Spec.PodSelector
	}
	if chosen == nil {
		return nil, false
	}
	if labels, ok := chosen["matchLabels"].(map[string]any); ok {
		chosen = labels
	}
	texts := map[string]string{}
	for key, value := range chosen {
		texts[key] = fmt.Sprint(value)
	}
	return texts, true
}

func within(chosen, labels map[string]string) bool {
	for key, value := range chosen {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// admin is the service that metrics are scraped from.
func (m Manifests) admin(t testing.TB) Object {
	t.Helper()
	for _, o := range m.Kind("Service") {
		if strings.HasSuffix(o.Metadata.Name, "-admin") {
			return o
		}
	}
	t.Fatal("there is no admin service")
	return Object{}
}

// portsAgree holds ports of services, probes and network policies to those of
// the container.
func (m Manifests) portsAgree(t testing.TB) {
	t.Helper()
	_, c := m.Workload(t)
	var open []string
	for _, port := range c.Ports {
		open = append(open, port.Name)
	}
	has := func(who string, port any) {
		t.Helper()
		if name, _ := port.(string); !slices.Contains(open, name) {
			t.Errorf("%s goes to port %v, and the container has %v", who, port, open)
		}
	}
	for name, probe := range map[string]*Probe{"liveness": c.Liveness, "readiness": c.Readiness, "startup": c.Startup} {
		if probe == nil {
			t.Errorf("there is no %s probe", name)
			continue
		}
		has(name, probe.Get.Port)
	}
	for _, o := range m.Kind("Service") {
		for _, port := range o.Spec.Ports {
			has("service "+o.Metadata.Name, port.TargetPort)
		}
	}
	for _, o := range m.Kind("NetworkPolicy") {
		for _, rule := range o.Spec.Ingress {
			for _, port := range rule.Ports {
				has("network policy", port.Port)
			}
		}
	}
}

// backendsAgree holds ingresses and monitors to ports of services, and a
// stateful set to its service.
func (m Manifests) backendsAgree(t testing.TB) {
	t.Helper()
	served := map[string]bool{}
	for _, o := range m.Kind("Service") {
		for _, port := range o.Spec.Ports {
			served[o.Metadata.Name+" "+port.Name] = true
		}
	}
	for _, o := range m.Kind("Ingress") {
		for _, to := range o.backends() {
			if !served[to] {
				t.Errorf("ingress %s goes to %s, which isn't there", o.Metadata.Name, to)
			}
		}
	}
	for _, o := range m.Kind("ServiceMonitor") {
		for _, endpoint := range o.Spec.Endpoints {
			if !served[m.admin(t).Metadata.Name+" "+endpoint.Port] || endpoint.Path != "/metrics" {
				t.Errorf("the monitor scrapes %s at port %s, where nothing is", endpoint.Path, endpoint.Port)
			}
		}
	}
	m.serviceAgrees(t)
}

// backends are the services of an ingress and their ports.
func (o Object) backends() []string {
	var names []string
	for _, rule := range o.Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			names = append(names, path.Backend.Service.Name+" "+path.Backend.Service.Port.Name)
		}
	}
	return names
}

func (m Manifests) serviceAgrees(t testing.TB) {
	t.Helper()
	for _, o := range m.Kind("StatefulSet") {
		if !slices.ContainsFunc(m.Kind("Service"), func(s Object) bool { return s.Metadata.Name == o.Spec.ServiceName }) {
			t.Errorf("the service %s of %s isn't there", o.Spec.ServiceName, o.Metadata.Name)
		}
	}
}

// volumesAgree holds mounts to volumes: each has the other.
func (m Manifests) volumesAgree(t testing.TB) {
	t.Helper()
	o, c := m.Workload(t)
	there, mounted := map[string]bool{}, map[string]bool{}
	for _, volume := range o.Spec.Template.Spec.Volumes {
		there[volume.Name] = true
	}
	for _, claim := range o.Spec.Claims {
		there[claim.Metadata.Name] = true
	}
	for _, mount := range c.Mounts {
		mounted[mount.Name] = true
	}
	if !maps.Equal(there, mounted) {
		t.Errorf("volumes are %v, and mounted are %v", there, mounted)
	}
}

// namesAgree holds what pods and ingresses take from elsewhere to what is made
// here and what is promised from outside.
func (m Manifests) namesAgree(t testing.TB, outside []string) {
	t.Helper()
	made := map[string]bool{}
	for _, o := range m.Objects {
		made[o.Kind+"/"+o.Metadata.Name] = true
	}
	var wanting []string
	for name := range m.named(t) {
		if !made[name] {
			wanting = append(wanting, name)
		}
	}
	slices.Sort(wanting)
	slices.Sort(outside)
	if !slices.Equal(wanting, outside) {
		t.Errorf("from outside are wanted %v, and promised %v", wanting, outside)
	}
}

func (m Manifests) named(t testing.TB) map[string]bool {
	t.Helper()
	o, _ := m.Workload(t)
	pod := o.Spec.Template.Spec
	named := map[string]bool{"ServiceAccount/" + pod.Account: pod.Account != "default"}
	for _, volume := range pod.Volumes {
		named["Secret/"+volume.Secret.Name] = true
		named["ConfigMap/"+volume.ConfigMap.Name] = true
	}
	for _, ingress := range m.Kind("Ingress") {
		for _, tls := range ingress.Spec.TLS {
			named["Secret/"+tls.SecretName] = true
		}
	}
	maps.DeleteFunc(named, func(name string, wanted bool) bool { return !wanted || strings.HasSuffix(name, "/") })
	return named
}
