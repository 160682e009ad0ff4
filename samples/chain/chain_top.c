// SPDX-License-Identifier: MIT
/* Uses a symbol of chain_base: while this module is loaded, rmmod refuses chain_base. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "chain.h"

static int value = 21;
module_param(value, int, 0444);
MODULE_PARM_DESC(value, "The number to double");

static int __init chain_top_init(void)
{
	pr_info("twice %d is %d\n", value, chain_twice(value));
	return 0;
}

static void __exit chain_top_exit(void)
{
	pr_info("gone\n");
}

module_init(chain_top_init);
module_exit(chain_top_exit);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_AUTHOR("The vscode-kmod authors");
MODULE_DESCRIPTION("The upper module of the chain: depends on chain_base");
