package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"

	"filippo.io/edwards25519"
)

// keyPage says where to find the key.
const keyPage = "on the app's page General Information"

// publicKey decodes the app's public key. It rejects points of small order, for which
// anyone can make signatures, and encodings that are not canonical
// (RFC 8032, 5.1.3 and 5.1.5); Discord's keys are neither.
func publicKey(text string) (ed25519.PublicKey, error) {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("not a public key; copy the 64 hexadecimal digits " + keyPage)
	}
	point, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || string(point.Bytes()) != string(key) {
		return nil, errors.New("these 64 hexadecimal digits are not a public key; copy those " + keyPage)
	}
	if point.MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return nil, errors.New("with this key anyone can make signatures; copy the app's own " + keyPage)
	}
	return key, nil
}
