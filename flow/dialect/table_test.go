package dialect

import "testing"

func TestByName(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range All() {
		if d.Name == "" || d.Decode == nil || d.Encode == nil || seen[d.Name] {
			t.Errorf("dialect %q has no name of its own, or cannot be asked or told", d.Name)
		}
		seen[d.Name] = true
		if got, ok := ByName(d.Name); !ok || got.Name != d.Name {
			t.Errorf("ByName(%q) is %q, %t", d.Name, got.Name, ok)
		}
	}
	for _, name := range []string{"", "FLAT", "flat ", "carrier pigeon"} {
		if d, ok := ByName(name); ok {
			t.Errorf("ByName(%q) is %q, want none", name, d.Name)
		}
	}
}
