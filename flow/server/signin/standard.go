package signin

import (
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// standard is https://github.com/standard-webhooks/standard-webhooks: the id,
// the time and the raw body are signed, the URL isn't.
//
// The project's library makes the signatures. Its Verify reads the machine's
// clock and stops at the first signature that fits, so the comparing is done
// here.
type standard struct {
	signers []*standardwebhooks.Webhook
	used    memory
}

func newStandard(keys [][]byte) Verifier {
	s := &standard{}
	for _, key := range keys {
		signer, _ := standardwebhooks.NewWebhookRaw(key) // never an error
		s.signers = append(s.signers, signer)
	}
	return s
}

func (s *standard) Verify(r *Request, now time.Time) error {
	if err := posted(r); err != nil {
		return err
	}
	id, err := only(r.Header, standardwebhooks.HeaderWebhookID)
	if err != nil {
		return err
	}
	stamp, err := only(r.Header, standardwebhooks.HeaderWebhookTimestamp)
	if err != nil {
		return err
	}
	list, err := only(r.Header, standardwebhooks.HeaderWebhookSignature)
	if err != nil {
		return err
	}
	at, err := unixTime(stamp)
	if err != nil {
		return err
	}
	if err := s.fits(strings.Fields(list), id, at, r.Body); err != nil {
		return err
	}
	if err := fresh(at, now); err != nil {
		return err
	}
	return s.used.admit(id+"."+stamp, now)
}

func (s *standard) fits(given []string, id string, at time.Time, body []byte) error {
	if len(given) > maxSignatures {
		return refused("webhook-signature holds too many signatures")
	}
	expected := make([]string, len(s.signers))
	for i, signer := range s.signers {
		signature, err := signer.Sign(id, at, body)
		if err != nil {
			return refused("webhook-signature can't be computed")
		}
		expected[i] = signature
	}
	if !anyFits(given, expected) {
		return unfit()
	}
	return nil
}
