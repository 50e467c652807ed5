package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"

	"filippo.io/edwards25519"
)

// keyPage says where the key is.
const keyPage = "on the app's page General Information"

// publicKey reads the app's public key. Of a point of small order, signatures
// can be made by anyone; Discord's keys are none, and have one way to be written
// (RFC 8032, 5.1.3 and 5.1.5).
func publicKey(text string) (ed25519.PublicKey, error) {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("this is no public key; it is 64 hexadecimal digits, " + keyPage)
	}
	point, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || string(point.Bytes()) != string(key) {
		return nil, errors.New("these are 64 hexadecimal digits, but no public key; the right ones are " + keyPage)
	}
	if point.MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return nil, errors.New("with this key anyone can make signatures; the app's own is " + keyPage)
	}
	return key, nil
}
