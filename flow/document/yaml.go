package document

import (
	"strconv"
	"strings"
)

// yamlStyle writes YAML that its versions 1.1 and 1.2 read alike: every text
// is quoted, whatever it looks like.
type yamlStyle struct{}

func (yamlStyle) beginSection(w sink, name string, _ bool) { w.put(name + ":") }

func (yamlStyle) endSection(w sink, items int, _ bool) {
	if items == 0 {
		w.put(" []\n")
	}
}

func (yamlStyle) item(w sink, before int, laid []field) {
	if before == 0 {
		w.put("\n")
	}
	writeYAMLFields(w, "  - ", "    ", laid)
}

// writeYAMLFields writes fields with first before the first and indent before
// the others.
func writeYAMLFields(w sink, first, indent string, laid []field) {
	for i, f := range laid {
		if i == 0 {
			w.put(first)
		} else {
			w.put(indent)
		}
		w.put(f.name + ":")
		writeYAMLValue(w, indent, f.value)
	}
}

func writeYAMLValue(w sink, indent string, value any) {
	switch v := value.(type) {
	case []field:
		w.put("\n")
		writeYAMLFields(w, indent+"  ", indent+"  ", v)
		return
	case [][]field:
		if len(v) > 0 {
			w.put("\n")
			for _, laid := range v {
				writeYAMLFields(w, indent+"  - ", indent+"    ", laid)
			}
			return
		}
		w.put(" []")
	case []string:
		w.put(" [")
		for i, s := range v {
			if i > 0 {
				w.put(", ")
			}
			w.put(quoteYAML(s))
		}
		w.put("]")
	case string:
		w.put(" " + quoteYAML(v))
	case word:
		w.put(" " + wordYAML(string(v)))
	case bool:
		w.put(" " + strconv.FormatBool(v))
	case int:
		w.put(" " + strconv.Itoa(v))
	}
	w.put("\n")
}

// quoteYAML is s in double quotes: Go's escapes are YAML's too.
func quoteYAML(s string) string { return strconv.Quote(s) }

// wordYAML is s without quotes, unless it isn't a word after all.
func wordYAML(s string) string {
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return quoteYAML(s)
	}
	return s
}
