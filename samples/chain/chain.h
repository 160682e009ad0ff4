/* SPDX-License-Identifier: MIT */
#ifndef CHAIN_H
#define CHAIN_H

int chain_twice(int value);

#endif
