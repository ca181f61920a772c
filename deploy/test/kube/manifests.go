// Package kube judges Kubernetes manifests, whoever rendered them: against the
// API's own schemas, and for whether what they name is there. It knows no
// chart and no cluster.
package kube

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/goccy/go-yaml"
)

// Manifests are what would be given to a cluster.
type Manifests struct {
	Text    []byte
	Objects []Object
}

// Object is one manifest, as far as it is judged here.
type Object struct {
	Kind     string            `yaml:"kind"`
	Metadata Metadata          `yaml:"metadata"`
	Spec     Spec              `yaml:"spec"`
	Data     map[string]string `yaml:"data"`
}

// Metadata is what an object is called.
type Metadata struct {
	Name        string            `yaml:"name"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// Spec has the fields of all kinds. Those of a Pod are beside those of what
// makes pods.
type Spec struct {
	Pod         `yaml:",inline"`
	Replicas    int            `yaml:"replicas"`
	ServiceName string         `yaml:"serviceName"`
	Selector    map[string]any `yaml:"selector"`
	PodSelector map[string]any `yaml:"podSelector"`
	Template    struct {
		Metadata Metadata `yaml:"metadata"`
		Spec     Pod      `yaml:"spec"`
	} `yaml:"template"`
	Claims []struct {
		Metadata Metadata `yaml:"metadata"`
	} `yaml:"volumeClaimTemplates"`
	Ports   []Port `yaml:"ports"`
	Ingress []struct {
		Ports []Port `yaml:"ports"`
	} `yaml:"ingress"`
	Rules []struct {
		HTTP struct {
			Paths []struct {
				Backend struct {
					Service struct {
						Name string `yaml:"name"`
						Port Port   `yaml:"port"`
					} `yaml:"service"`
				} `yaml:"backend"`
			} `yaml:"paths"`
		} `yaml:"http"`
	} `yaml:"rules"`
	TLS []struct {
		SecretName string `yaml:"secretName"`
	} `yaml:"tls"`
	Endpoints []struct {
		Port string `yaml:"port"`
		Path string `yaml:"path"`
	} `yaml:"endpoints"`
}

// Port is the port of a service, a rule or an ingress's backend.
type Port struct {
	Name       string `yaml:"name"`
	Port       any    `yaml:"port"`
	TargetPort any    `yaml:"targetPort"`
}

// Pod is what runs.
type Pod struct {
	Token      *bool       `yaml:"automountServiceAccountToken"`
	Grace      int         `yaml:"terminationGracePeriodSeconds"`
	Account    string      `yaml:"serviceAccountName"`
	Containers []Container `yaml:"containers"`
	Volumes    []Volume    `yaml:"volumes"`
	Security   struct {
		NonRoot bool `yaml:"runAsNonRoot"`
		Seccomp struct {
			Type string `yaml:"type"`
		} `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
}

// Container is a program of a pod.
type Container struct {
	Name  string   `yaml:"name"`
	Image string   `yaml:"image"`
	Args  []string `yaml:"args"`
	Env   []struct {
		Name  string `yaml:"name"`
		Value string `yaml:"value"`
	} `yaml:"env"`
	Ports []struct {
		Name string `yaml:"name"`
		Port int    `yaml:"containerPort"`
	} `yaml:"ports"`
	Liveness  *Probe `yaml:"livenessProbe"`
	Readiness *Probe `yaml:"readinessProbe"`
	Startup   *Probe `yaml:"startupProbe"`
	Resources struct {
		Requests map[string]string `yaml:"requests"`
		Limits   map[string]string `yaml:"limits"`
	} `yaml:"resources"`
	Security struct {
		Escalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnly   bool  `yaml:"readOnlyRootFilesystem"`
		Caps       struct {
			Drop []string `yaml:"drop"`
		} `yaml:"capabilities"`
	} `yaml:"securityContext"`
	Mounts []struct {
		Name string `yaml:"name"`
		Path string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

// Probe asks a container over HTTP.
type Probe struct {
	Get struct {
		Path   string `yaml:"path"`
		Port   string `yaml:"port"`
		Scheme string `yaml:"scheme"`
	} `yaml:"httpGet"`
}

// Volume is what a container can mount.
type Volume struct {
	Name   string `yaml:"name"`
	Secret struct {
		Name string `yaml:"secretName"`
	} `yaml:"secret"`
	ConfigMap struct {
		Name string `yaml:"name"`
	} `yaml:"configMap"`
}

// Read takes a stream of YAML documents apart.
func Read(t testing.TB, text []byte) Manifests {
	t.Helper()
	m := Manifests{Text: text}
	documents := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var o Object
		err := documents.Decode(&o)
		switch {
		case errors.Is(err, io.EOF):
			return m
		case err != nil:
			t.Fatalf("read manifests: %v", err)
		case o.Kind != "":
			m.Objects = append(m.Objects, o)
		}
	}
}

// Kind is every object of a kind.
func (m Manifests) Kind(kind string) []Object {
	var found []Object
	for _, o := range m.Objects {
		if o.Kind == kind {
			found = append(found, o)
		}
	}
	return found
}

// One is the object of a kind of which there must be one.
func (m Manifests) One(t testing.TB, kinds ...string) Object {
	t.Helper()
	var found []Object
	for _, kind := range kinds {
		found = append(found, m.Kind(kind)...)
	}
	if len(found) != 1 {
		t.Fatalf("there are %d of %v, not one", len(found), kinds)
	}
	return found[0]
}

// Workload is what makes the pods, and its one container.
func (m Manifests) Workload(t testing.TB) (Object, Container) {
	t.Helper()
	o := m.One(t, "Deployment", "StatefulSet")
	if len(o.Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("a pod has %d containers, not one", len(o.Spec.Template.Spec.Containers))
	}
	return o, o.Spec.Template.Spec.Containers[0]
}
