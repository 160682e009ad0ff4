// SPDX-License-Identifier: MIT
/*
 * The smallest module worth loading: it greets, and it takes a parameter of
 * every common type.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static int count = 1;
module_param(count, int, 0644);
MODULE_PARM_DESC(count, "How often to greet (1 to 10)");

static bool loud;
module_param(loud, bool, 0644);
MODULE_PARM_DESC(loud, "Greet with an exclamation mark");

static char *who = "world";
module_param(who, charp, 0444);
MODULE_PARM_DESC(who, "Whom to greet");

static int numbers[4] = { 1, 2, 3 };
static int numbers_len = 3;
module_param_array(numbers, int, &numbers_len, 0444);
MODULE_PARM_DESC(numbers, "Up to four numbers to add up");

static int __init hello_init(void)
{
	int i, sum = 0;

	if (count < 1 || count > 10) {
		pr_err("count is %d, not 1 to 10\n", count);
		return -EINVAL;
	}
	for (i = 0; i < count; i++)
		pr_info("hello, %s%s\n", who, loud ? "!" : "");
	for (i = 0; i < numbers_len; i++)
		sum += numbers[i];
	pr_info("the numbers add up to %d\n", sum);
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("goodbye, %s%s\n", who, loud ? "!" : "");
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_AUTHOR("The vscode-kmod authors");
MODULE_DESCRIPTION("Greets from the kernel");
MODULE_VERSION("1.0");
